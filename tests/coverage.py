#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Lines and branches that the tests of an instrumented build reached: coverage.py SOURCE BUILD [FOLDER]

A row for every folder, and one for all below those of the tree's first level. With FOLDER the functions there that have lines
which no test reached, those with most of them first. The measured process is not instrumented, so that benchmarks/ counts what
the unit tests ran and no more.
"""
import collections
import json
import os
import subprocess
import sys


def counts(build):
    """What gcov(1) says of every object that ran: one JSON document a line."""
    found = [os.path.join(folder, name) for folder, _, names in os.walk(build) for name in names if name.endswith(".gcda")]
    if not found:
        sys.exit(f"coverage.py: nothing in '{build}' has run: build with the preset 'coverage' and run its tests")
    for at in range(0, len(found), 50):
        said = subprocess.run(["gcov", "--json-format", "--branch-probabilities", "--stdout", *found[at:at + 50]],
                              stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        for line in said.stderr.splitlines():
            print(f"coverage.py: {line}: run its test again", file=sys.stderr)
        for line in said.stdout.splitlines():
            document = json.loads(line)
            for file in document["files"]:
                yield os.path.normpath(os.path.join(document["current_working_directory"], file["file"])), file


def merge(source, build):
    """By file and line: what the line was run, its branches, its function. A header has one line in many objects."""
    files = collections.defaultdict(dict)
    for path, file in counts(build):
        name = os.path.relpath(path, source)
        if name.startswith("..") or name.split("/")[0] in ("build", "tests"):
            continue
        for line in file["lines"]:
            # A child that is killed while it counts leaves a count that does not add up.
            branches = [max(branch["count"], 0) for branch in line["branches"]]
            was, before, function = files[name].get(line["line_number"], (0, [], line.get("function_name")))
            if len(before) == len(branches):
                branches = [a + b for a, b in zip(before, branches)]
            elif len(before) > len(branches):
                branches = before
            files[name][line["line_number"]] = (was + max(line["count"], 0), branches, function)
    return files


def share(part, whole):
    return f"{100 * part / whole:.1f} %" if whole else "-"


def table(files):
    sums = collections.defaultdict(lambda: [0, 0, 0, 0])
    for name, lines in files.items():
        folder = os.path.dirname(name)
        for key in {folder, folder.split("/")[0] + "/**"}:
            for count, branches, _ in lines.values():
                sums[key][0] += count > 0
                sums[key][1] += 1
                sums[key][2] += sum(branch > 0 for branch in branches)
                sums[key][3] += len(branches)
    print(f"{'folder':<28}{'lines':>9}{'of':>8}{'branches':>11}{'of':>8}")
    for key, (lines, all_lines, branches, all_branches) in sorted(sums.items()):
        print(f"{key:<28}{share(lines, all_lines):>9}{all_lines:>8}{share(branches, all_branches):>11}{all_branches:>8}")


def functions(files, folder):
    missing = collections.defaultdict(list)
    for name, lines in files.items():
        if name.startswith(folder.rstrip("/") + "/"):
            for number, (count, _, function) in sorted(lines.items()):
                if not count:
                    missing[name, function].append(number)
    for (name, function), numbers in sorted(missing.items(), key=lambda item: (-len(item[1]), item[0])):
        print(f"{len(numbers):5} {name}:{numbers[0]}-{numbers[-1]} {function}")


def main():
    if len(sys.argv) not in (3, 4):
        sys.exit(__doc__)
    files = merge(*sys.argv[1:3])
    if len(sys.argv) == 4:
        functions(files, sys.argv[3])
    else:
        table(files)


main()
