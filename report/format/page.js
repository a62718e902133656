/* SPDX-License-Identifier: GPL-3.0-or-later */
"use strict";
/* Filter and sort. Without it the page is whole, and nothing is hidden but what <details> folds away. What was chosen stands
 * behind the # of the address: q (words), v (verdict), s (table.column, "-" before it: largest first). */
(function () {
	const tables = [...document.querySelectorAll("main table")];
	const folds = [...document.querySelectorAll("details.fold[data-v]")];
	const rows = [];
	const times = { ns: 1, us: 1e3, ms: 1e6, s: 1e9, min: 6e10, h: 3.6e12, "%": 1 };
	const powers = { k: 1e3, K: 1024, M: 1048576, G: 1073741824, T: 1099511627776 };
	let find = null;

	/* Of a cell: a number in its base unit, or the text. Ranges sort by where they begin. */
	function key(cell) {
		const text = cell ? cell.textContent.trim() : "";
		const m = /^([-+x#]?)(\d+(?:\.\d+)?(?:e[-+]?\d+)?) ?([a-zA-Z%]*)/.exec(text);
		if (text === "-" || text === "")
			return null;
		if (!m)
			return text.toLowerCase();
		const n = Number(m[2]) * (times[m[3]] || powers[m[3]] || 1);
		return m[1] === "-" ? -n : m[1] === "x" ? (n - 1) * 100 : n;
	}

	/* Unknown comes last in both directions, numbers before texts. */
	function order(a, b, sign) {
		if (a === null || b === null)
			return (a === null) - (b === null);
		if (typeof a !== typeof b)
			return typeof a === "number" ? -1 : 1;
		return sign * (a < b ? -1 : a > b ? 1 : 0);
	}

	function sort(table, column, sign) {
		[...table.tHead.rows[0].cells].forEach((th, i) => {
			if (i === column)
				th.setAttribute("aria-sort", sign > 0 ? "ascending" : "descending");
			else
				th.removeAttribute("aria-sort");
		});
		for (const body of table.tBodies) {
			const own = [...body.rows].filter((row) => !row.querySelector(".section"));
			const keys = new Map(own.map((row) => [row, key(row.cells[column])]));
			own.sort((a, b) => order(keys.get(a), keys.get(b), sign));
			body.append(...own);
		}
	}

	function state() {
		const at = new URLSearchParams(location.hash.slice(1));
		return { q: at.get("q") || "", v: at.get("v") || "", s: at.get("s") || "" };
	}

	function keep(change) {
		const at = new URLSearchParams();
		for (const [name, value] of Object.entries({ ...state(), ...change }))
			if (value)
				at.set(name, value);
		history.replaceState(null, "", "#" + at);
		show();
	}

	function matches(text, word, words, verdict) {
		return (!verdict || word === verdict) && words.every((w) =>
			w.length > 1 && w[0] === "-" ? !text.includes(w.slice(1)) : text.includes(w));
	}

	function filter(q, verdict) {
		const words = q.toLowerCase().split(/\s+/).filter(Boolean);
		let seen = 0;
		for (const row of rows) {
			const hit = matches(row.text, row.verdict, words, verdict);
			row.tr.hidden = !hit;
			seen += hit;
			const fold = row.tr.closest("details.fold");
			if (hit && (q || verdict) && fold)
				fold.open = true;
		}
		for (const table of tables)
			for (const body of table.tBodies)
				if (body.querySelector(".section"))
					body.hidden = ![...body.rows].some((r) => !r.hidden && !r.querySelector(".section"));
		for (const fold of folds)
			fold.hidden = !matches(fold.querySelector("summary").textContent.toLowerCase(),
				fold.dataset.v, words, verdict);
		find.querySelector("output").textContent = seen + " of " + rows.length + " rows shown";
	}

	function show() {
		const now = state();
		if (find) {
			const input = find.querySelector("input");
			if (input.value !== now.q)
				input.value = now.q;
			for (const button of find.querySelectorAll("button"))
				button.setAttribute("aria-pressed", String(button.value === now.v));
			filter(now.q, now.v);
		}
		const m = /^(-?)(\d+)\.(\d+)$/.exec(now.s);
		const table = m && tables[Number(m[2])];
		if (table && table.tHead.rows[0].cells[Number(m[3])])
			sort(table, Number(m[3]), m[1] ? -1 : 1);
	}

	function button(text, value) {
		const b = document.createElement("button");
		b.type = "button";
		b.textContent = text;
		b.value = value;
		return b;
	}

	tables.forEach((table, t) => {
		for (const body of table.tBodies) {
			const section = body.querySelector(".section");
			const lead = section ? section.textContent + " " : "";
			for (const tr of table.classList.contains("cases") ? body.rows : [])
				if (!tr.querySelector(".section"))
					rows.push({ tr, text: (lead + tr.textContent).toLowerCase(),
						verdict: tr.dataset.v || "" });
		}
		if (table.rows.length < 3)
			return;
		[...table.tHead.rows[0].cells].forEach((th, c) => {
			const b = button(th.textContent, "");
			b.addEventListener("click", () => keep({
				s: (th.getAttribute("aria-sort") === "ascending" ? "-" : "") + t + "." + c }));
			th.replaceChildren(b);
		});
	});

	if (rows.length > 1) {
		const input = document.createElement("input");
		find = document.createElement("form");
		find.id = "find";
		find.setAttribute("role", "search");
		input.type = "search";
		input.placeholder = "filter cases: words, -word leaves out";
		input.setAttribute("aria-label", "filter cases");
		input.addEventListener("input", () => keep({ q: input.value }));
		find.append(input);
		for (const v of new Set(rows.map((row) => row.verdict).filter(Boolean))) {
			const b = button(v, v);
			b.addEventListener("click", () => keep({ v: state().v === v ? "" : v }));
			find.append(b);
		}
		find.append(document.createElement("output"));
		find.addEventListener("submit", (event) => event.preventDefault());
		document.querySelector("h2").before(find);
	}
	addEventListener("hashchange", show);
	addEventListener("beforeprint", () => document.querySelectorAll("details.fold").forEach((d) => { d.open = true; }));
	show();
}());
