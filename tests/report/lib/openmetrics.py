#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Checks a file of OpenMetrics text by the parser of Prometheus's client library, and that node_exporter's textfile
collector takes it: gauges alone, no timestamps, every sample once. Prints what is wrong; exit 1 when something is."""
import sys

from prometheus_client.openmetrics import parser

problems = []
samples = set()
with open(sys.argv[1], encoding="utf-8", newline="") as file:
    text = file.read()
try:
    for family in parser.text_string_to_metric_families(text):
        if family.type != "gauge":
            problems.append(f"node_exporter does not take the type {family.type}")
        for sample in family.samples:
            key = (sample.name, tuple(sorted(sample.labels.items())))
            if key in samples:
                problems.append(f"the same sample comes twice: {key}")
            samples.add(key)
            if sample.timestamp is not None:
                problems.append(f"node_exporter takes no timestamp: {key}")
            if sample.value != sample.value:
                problems.append(f"not a number: {key}")
except ValueError as error:
    problems.append(f"no OpenMetrics: {error}")
if not samples:
    problems.append("no sample at all")
print("\n".join(problems))
sys.exit(bool(problems))
