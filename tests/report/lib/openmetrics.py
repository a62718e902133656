#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Checks a file of OpenMetrics text (openmetrics.io, "Text format"), and that node_exporter's textfile collector
takes it: gauges alone, no timestamps. Prints each violation; exit 1 when there is one."""
import re
import sys

NAME = r"[a-zA-Z_:][a-zA-Z0-9_:]*"
LABEL = r'[a-zA-Z_][a-zA-Z0-9_]*="(?:[^"\\\n]|\\["\\n])*"'
SAMPLE = re.compile(rf"^({NAME})(?:\{{((?:{LABEL}(?:,{LABEL})*)?)\}})? (\S+)$")

problems = []


def problem(number, text):
    problems.append(f"line {number}: {text}")


def check(text):
    family = unit = None
    seen, samples, described = set(), set(), set()
    if not text.endswith("# EOF\n") or text.count("# EOF\n") != 1:
        problem(0, "does not end with one '# EOF'")
    for number, line in enumerate(text.split("\n")[:-2], 1):
        parts = line.split(" ", 3)
        if line.startswith("#"):
            if len(parts) < 4 or parts[1] not in ("TYPE", "UNIT", "HELP"):
                problem(number, f"no descriptor: {line}")
                continue
            if parts[2] != family:
                family, unit, described = parts[2], None, set()
                if family in seen:
                    problem(number, f"the family {family} comes twice")
                seen.add(family)
                if not re.fullmatch(NAME, family):
                    problem(number, f"no name: {family}")
            if parts[1] in described:
                problem(number, f"{parts[1]} of {family} comes twice")
            described.add(parts[1])
            if parts[1] == "TYPE" and parts[3] != "gauge":
                problem(number, f"node_exporter does not take the type {parts[3]}")
            if parts[1] == "UNIT":
                unit = parts[3]
                if not family.endswith("_" + unit):
                    problem(number, f"{family} does not end with its unit {unit}")
            if parts[1] == "HELP" and re.search(r'\\[^\\n"]|(?<!\\)"', parts[3]):
                problem(number, f"wrong escape: {parts[3]}")
            continue
        match = SAMPLE.match(line)
        if not match:
            problem(number, f"no sample: {line}")
            continue
        if match[1] != family or "TYPE" not in described:
            problem(number, f"a sample of {match[1]} outside its family")
        labels = re.findall(rf"({LABEL})", match[2] or "")
        names = [label.split("=", 1)[0] for label in labels]
        if len(set(names)) != len(names):
            problem(number, "a label comes twice")
        key = (match[1], tuple(sorted(labels)))
        if key in samples:
            problem(number, f"the same sample comes twice: {line}")
        samples.add(key)
        try:
            if float(match[3]) != float(match[3]):
                problem(number, "not a number")
        except ValueError:
            problem(number, f"no number: {match[3]}")
    if not samples:
        problem(0, "no sample at all")


with open(sys.argv[1], encoding="utf-8", newline="") as file:
    check(file.read())
print("\n".join(problems))
sys.exit(bool(problems))
