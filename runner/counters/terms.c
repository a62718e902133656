/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Terms of a PMU to config, config1, config2. A term's format says which bits hold its value, lowest bits first, over
 * ranges that may have holes ("config:0-7,32-35"). What does not fit is an error and never cut off.
 */
#include "runner/counters/pmu.h"

#include <ctype.h>
#include <errno.h>
#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/cleanup.h"
#include "common/str.h"

#define TERM_MAX 64 /* a name or a value, with NUL */

/* One "pmu/terms/" in the making. */
struct encoding {
	const struct mp_pmus *pmus;
	const struct mp_pmu *pmu;
	struct mp_perf_event event;
	uint64_t taken[3]; /* bits that a term has set, of config, config1, config2 */
	struct mp_pmu_unit unit;
	bool named; /* an event of events/ was given */
	const char *
		given; /* the whole text, for sentences, and for the values that an event leaves open */
	struct mp_err *err;
};

__attribute__((format(printf, 3, 4))) static int fail(struct encoding *e, int rc, const char *fmt,
						      ...)
{
	char what[256];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(what, sizeof(what), fmt, ap);
	va_end(ap);
	return mp_err_usage(e->err, rc, "'%s/%s/': %s", e->pmu->name, e->given, what);
}

/* Reads PMU/folder/name.suffix, the blanks at its end trimmed. 0 or negative errno; -ENOENT for a name that cannot be
 * one of a file. */
static int read_file(const struct encoding *e, const char *folder, const char *name,
		     const char *suffix, struct mp_str *text)
{
	char path[1024];
	int rc;

	if (!*name || strchr(name, '/') || strchr(name, '.'))
		return -ENOENT;
	snprintf(path, sizeof(path), "%s/%s/%s/%s%s", e->pmus->root, e->pmu->name, folder, name,
		 suffix);
	rc = mp_str_read_file(text, path);
	while (!rc && text->len && isspace((unsigned char)text->text[text->len - 1]))
		text->text[--text->len] = '\0';
	return rc;
}

static uint64_t *config_of(struct mp_perf_event *event, unsigned index)
{
	return index == 0 ? &event->config : index == 1 ? &event->config1 : &event->config2;
}

/* "config1:" at the start of a format; the index and what follows. */
static int format_field(const char *format, unsigned *ret_index, const char **ret_bits)
{
	if (strncmp(format, "config", 6) != 0)
		return -EINVAL;
	format += 6;
	*ret_index = 0;
	if (*format == '1' || *format == '2')
		*ret_index = (unsigned)(*format++ - '0');
	*ret_bits = format + 1;
	return *format == ':' ? 0 : -EINVAL;
}

/* Puts the value's bits into the ranges, lowest first. -ERANGE when some are left over. */
static int deposit(const char *bits, uint64_t value, uint64_t *ret_config, uint64_t *ret_mask)
{
	uint64_t config = 0, mask = 0;

	while (*bits) {
		char *end;
		unsigned long low = strtoul(bits, &end, 10), high = low;

		if (end == bits)
			return -EINVAL;
		if (*end == '-') {
			bits = end + 1;
			high = strtoul(bits, &end, 10);
			if (end == bits)
				return -EINVAL;
		}
		if (low > high || high > 63)
			return -EINVAL;
		for (; low <= high; low++, value >>= 1) {
			config |= (value & 1) << low;
			mask |= UINT64_C(1) << low;
		}
		if (*end && *end != ',')
			return -EINVAL;
		bits = end + (*end == ',');
	}
	if (!mask)
		return -EINVAL;
	if (value)
		return -ERANGE;
	*ret_config = config;
	*ret_mask = mask;
	return 0;
}

static int set_bits(struct encoding *e, unsigned index, uint64_t config, uint64_t mask,
		    const char *term)
{
	uint64_t *field = config_of(&e->event, index);

	/* Two terms may share bits (Intel's ldlat and offcore_rsp); they must not contradict each other. */
	if ((*field ^ config) & mask & e->taken[index])
		return fail(e, -EINVAL, "'%s' contradicts another term of the event", term);
	*field |= config;
	e->taken[index] |= mask;
	return 0;
}

static int set_term(struct encoding *e, const char *term, uint64_t value)
{
	MP_CLEANUP(mp_str_done) struct mp_str format = MP_STR_INIT;
	uint64_t config, mask;
	const char *bits;
	unsigned index;
	int rc;

	/* The fields themselves can be named, also where no format file does. */
	if (!strcmp(term, "config") || !strcmp(term, "config1") || !strcmp(term, "config2"))
		return set_bits(e, term[6] ? (unsigned)(term[6] - '0') : 0, value, UINT64_MAX,
				term);
	rc = read_file(e, "format", term, "", &format);
	if (rc)
		return fail(e, -ENOENT, "the PMU knows no term '%s'", term);
	if (format_field(format.text, &index, &bits))
		return fail(e, -EINVAL,
			    "the format of '%s' is in a field that memperf does not know", term);
	rc = deposit(bits, value, &config, &mask);
	if (rc == -ERANGE)
		return fail(e, rc, "the value of '%s' does not fit into its bits", term);
	if (rc)
		return fail(e, rc, "the format of '%s' is malformed", term);
	return set_bits(e, index, config, mask, term);
}

/* The next "name" or "name=value" of a comma list. 1, 0 at the end, -EINVAL. */
static int next_term(const char **at, char name[TERM_MAX], char value[TERM_MAX])
{
	const char *text = *at;
	size_t len = strcspn(text, ","), equals, end = len;

	if (!*text)
		return 0;
	*at = text + len + (text[len] == ',');
	while (len && isspace((unsigned char)*text)) {
		text++;
		len--;
		end = len;
	}
	while (end && isspace((unsigned char)text[end - 1]))
		end--;
	equals = strcspn(text, "=");
	if (equals > end)
		equals = end;
	if (!equals || equals >= TERM_MAX || end - equals > TERM_MAX)
		return -EINVAL;
	snprintf(name, TERM_MAX, "%.*s", (int)equals, text);
	value[0] = '\0';
	if (equals < end) {
		snprintf(value, TERM_MAX, "%.*s", (int)(end - equals - 1), text + equals + 1);
		if (!*value)
			return -EINVAL;
	}
	return 1;
}

static int parse_value(const char *text, uint64_t *ret_value)
{
	char *end;

	if (!isdigit((unsigned char)*text))
		return -EINVAL;
	errno = 0;
	*ret_value = strtoull(text, &end, 0);
	return *end ? -EINVAL : errno ? -ERANGE : 0;
}

/* Is the value of that term among the given ones? An event file may leave it open: "term=?". */
static bool is_given(const struct encoding *e, const char *term)
{
	char name[TERM_MAX], value[TERM_MAX];
	const char *at = e->given;

	while (next_term(&at, name, value) == 1)
		if (!strcmp(name, term) && *value)
			return true;
	return false;
}

static int set_terms(struct encoding *e, const char *terms, bool inner);

/* The scale and unit files beside an event. */
static int read_unit(struct encoding *e, const char *name)
{
	MP_CLEANUP(mp_str_done) struct mp_str scale = MP_STR_INIT;
	MP_CLEANUP(mp_str_done) struct mp_str unit = MP_STR_INIT;
	char *end;

	if (!read_file(e, "events", name, ".scale", &scale)) {
		double number = strtod(scale.text, &end);

		if (end == scale.text || *end || !(number > 0) || isinf(number))
			return fail(e, -EINVAL, "the scale file of '%s' holds no positive number",
				    name);
		e->unit.scale = number;
		e->unit.scaled = true;
	}
	if (!read_file(e, "events", name, ".unit", &unit))
		snprintf(e->unit.unit, sizeof(e->unit.unit), "%s", unit.text);
	return 0;
}

static int set_named(struct encoding *e, const char *name, const char *terms)
{
	int rc;

	if (e->named)
		return fail(e, -EINVAL, "'%s' is a second event in one", name);
	e->named = true;
	rc = set_terms(e, terms, true);
	return rc ? rc : read_unit(e, name);
}

static int set_one(struct encoding *e, const char *name, const char *value, bool inner)
{
	MP_CLEANUP(mp_str_done) struct mp_str terms = MP_STR_INIT;
	uint64_t number = 1;
	int rc;

	if (!*value && !inner && !read_file(e, "events", name, "", &terms))
		return set_named(e, name, terms.text);
	if (!strcmp(value, "?"))
		return inner && is_given(e, name)
			       ? 0
			       : fail(e, -EINVAL, "'%s' needs a value: add %s=NUMBER", name, name);
	rc = *value ? parse_value(value, &number) : 0;
	if (rc == -ERANGE)
		return fail(e, rc, "the value of '%s' does not fit into its bits", name);
	if (rc)
		return fail(e, rc, "the value of '%s' is not a number", name);
	return set_term(e, name, number);
}

/* `inner`: the terms of a file in events/, which cannot name another event. */
static int set_terms(struct encoding *e, const char *terms, bool inner)
{
	char name[TERM_MAX], value[TERM_MAX];
	int more, rc = 0;

	if (!*terms)
		return fail(e, -EINVAL, "the event has no terms");
	while (!rc && (more = next_term(&terms, name, value)))
		rc = more < 0 ? fail(e, -EINVAL, "a malformed term")
			      : set_one(e, name, value, inner);
	return rc;
}

int mp_pmu_encode(const struct mp_pmus *pmus, const struct mp_pmu *pmu, const char *terms,
		  struct mp_perf_event *ret_event, struct mp_pmu_unit *ret_unit, struct mp_err *err)
{
	struct encoding e = { .pmus = pmus,
			      .pmu = pmu,
			      .event = *ret_event,
			      .unit = { .scale = 1 },
			      .given = terms,
			      .err = err };
	int rc;

	e.event.type = pmu->type;
	e.event.config = e.event.config1 = e.event.config2 = 0;
	snprintf(e.event.pmu, sizeof(e.event.pmu), "%s", pmu->name);
	rc = set_terms(&e, terms, false);
	if (rc)
		return rc;
	*ret_event = e.event;
	if (ret_unit)
		*ret_unit = e.unit;
	return 0;
}

/* "uk" behind the last slash: whose events are counted. */
static int set_modifiers(const char *text, const char *modifiers, struct mp_perf_event *event,
			 struct mp_err *err)
{
	if (modifiers[strspn(modifiers, "ukh")])
		return mp_err_usage(err, -EINVAL,
				    "'%s': modifiers are u (user), k (kernel), h (hypervisor)",
				    text);
	if (*modifiers) {
		event->exclude_user = !strchr(modifiers, 'u');
		event->exclude_kernel = !strchr(modifiers, 'k');
		event->exclude_hv = !strchr(modifiers, 'h');
	}
	return 0;
}

int mp_pmu_encode_text(const struct mp_pmus *pmus, const char *text,
		       struct mp_perf_event *ret_event, struct mp_pmu_unit *ret_unit,
		       struct mp_err *err)
{
	const char *slash = strchr(text, '/'), *last = strrchr(text, '/');
	struct mp_perf_event event = *ret_event;
	char name[MP_PERF_PMU_MAX], terms[512];
	const struct mp_pmu *pmu;
	int rc;

	if (!slash || slash == last)
		return mp_err_usage(err, -EINVAL, "'%s' is not of the form PMU/TERMS/", text);
	if ((size_t)(slash - text) >= sizeof(name) || (size_t)(last - slash) >= sizeof(terms))
		return mp_err_usage(err, -EINVAL, "'%s' is too long for an event", text);
	snprintf(name, sizeof(name), "%.*s", (int)(slash - text), text);
	snprintf(terms, sizeof(terms), "%.*s", (int)(last - slash - 1), slash + 1);
	pmu = mp_pmus_find(pmus, name);
	if (!pmu)
		return mp_err_env(err, -ENODEV, "no PMU %s in '%s'", name, pmus->root);
	rc = set_modifiers(text, last + 1, &event, err);
	if (!rc)
		rc = mp_pmu_encode(pmus, pmu, terms, &event, ret_unit, err);
	if (!rc)
		*ret_event = event;
	return rc;
}

bool mp_pmu_has_event(const struct mp_pmus *pmus, const struct mp_pmu *pmu, const char *name)
{
	const struct encoding e = { .pmus = pmus, .pmu = pmu };
	MP_CLEANUP(mp_str_done) struct mp_str text = MP_STR_INIT;

	return !read_file(&e, "events", name, "", &text);
}
