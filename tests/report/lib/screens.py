#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""screens.py DOCUMENT SAID...: what the ```text blocks of the document show, memperf still says. SAID are files of what it said. Numbers,
times, what stands in parentheses, the values of fields and the rows of tables may be others; words, fields and columns may not.
Prints the lines that no longer have their like, and exits with 1 then, or when there is no screen at all."""
import re
import sys

FIELD = re.compile(r"([a-z][a-z ]*?)  +\S")
RULER = re.compile(r"-+( +-+)+$")


def shape(text):
    """The words of a text, on one line."""
    text = re.sub(r"\([^()]*\)", "()", text)
    text = re.sub(r"\S+\.db\b", "FILE", re.sub(r"(?<=\bon )\S+?(?=,)", "HOST", text))
    text = re.sub(r"(\d+(\.\d+)? (h|min|s|ms|us|ns)\b ?)+", "TIME ", text)
    text = re.sub(r"\d+(\.\d+)?", "N", text)
    text = re.sub(r"\b(case|invocation)s\b", r"\1", text)
    return " ".join(text.split())


def titles(line):
    """Of the columns of a table."""
    return re.split(r"  +", line.strip())


def screens(path):
    """Of every ```text block: the lines that memperf prints, with the number of each."""
    block = None
    for number, line in enumerate(open(path, encoding="utf-8"), 1):
        line = line.rstrip("\n")
        if line.startswith("```"):
            if block:
                yield block
            block = [] if line == "```text" else None
        elif block is not None and not line.startswith("$ "):
            block.append((number, line))


said = []
for name in sys.argv[2:]:
    said += open(name, encoding="utf-8").read().splitlines()
everything = shape(" ".join(said))
fields = {m[1] for m in map(FIELD.match, said) if m}
# Which ones a table has depends on its rows.
columns = {title for line, ruler in zip(said, said[1:]) if RULER.match(ruler.strip()) for title in titles(line)}
seen = 0
lost = []
for block in screens(sys.argv[1]):
    rows = False
    for at, (number, line) in enumerate(block):
        following = block[at + 1][1] if at + 1 < len(block) else ""
        field = FIELD.match(line)
        section = re.match(r"[a-z_]+\.[a-z_]+: ", line)
        rows = rows and line not in ("", "...")
        if line in ("", "...") or RULER.match(line) or rows and not section:
            continue
        seen += 1
        if RULER.match(following):
            rows = True
            found = columns.issuperset(titles(line))
        elif field:
            found = field[1] in fields
        else:
            found = shape(line) in everything
        if not found:
            lost.append(f"{sys.argv[1]}:{number}: memperf says no such thing: {line}")
print("\n".join(lost))
sys.exit(1 if lost or not seen else 0)
