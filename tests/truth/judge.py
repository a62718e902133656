#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Judges the rounds of truth.sh: a table, then one line for each rule; exit 1 when one does not hold.

A loop has one value for each place of its code (truth.sh), and by a third another where the place decides how fast the kernel
returns: memperf's is held against the nearest of them.

A line of the file is one operation in one round, tab-separated: operation, case, outcome, value, low, high, and with commas the
values of the loop at its places; in ns, empty or null where unknown. Noise of a pair is the larger coefficient of variation of its two sides over the rounds.
A place without a value in one round has those of the others; one without any is said, and the operation is not judged: the
nearest of fewer places is farther.

truth     memperf's value over the loop's of the same round: the median is within 2 % of 1, or 1.5 times the pair's noise where
          that is larger, for 95 % of the operations; none is off by more than 5 %, or that noise
repeats   the values of 80 % of the operations below 10 us have a coefficient of variation of 2 % at most
intervals two rounds of an operation have intervals that meet, in 95 % of the pairs of rounds
"""
import itertools
import statistics
import sys

NEAR, FAR, NOISE = 0.02, 0.05, 1.5


def number(text):
    return float(text) if text not in ("", "null") else None


def read(path):
    rows = {}
    for line in open(path):
        op, case, outcome, *values, places = line.rstrip("\n").split("\t")
        loop = [number(v) for v in places.split(",")]
        found = [v for v in loop if v is not None]
        rows.setdefault((op, case), []).append((outcome, *map(number, values), statistics.median(found) if found else None, loop))
    return rows


def ratios(rounds):
    """Of each place, memperf's value over the loop's of the same round: the machine is another one in the next."""
    pairs = [[r[1] / v if v and r[1] else None for v in r[5]] for r in rounds]
    return [[v for v in place if v is not None] for place in itertools.zip_longest(*pairs)]


def known(rounds, column):
    return [r[column] for r in rounds if r[column] is not None]


def cv(values):
    return statistics.stdev(values) / statistics.mean(values) if len(values) > 1 else 0.0


def meetings(rounds):
    spans = [(r[2], r[3]) for r in rounds if r[2] is not None and r[3] is not None]
    return [a[0] <= b[1] and b[0] <= a[1] for a, b in itertools.combinations(spans, 2)]


def share(good, what, least, bad):
    """One rule: the share of what is good, in words; a rule without anything to judge does not hold."""
    part = sum(good) / len(good) if good else 0.0
    holds = part >= least
    print(f"{'holds' if holds else 'FAILS'}: {what}: {sum(good)} of {len(good)} ({100 * part:.1f} %, {100 * least:.0f} % are asked for)")
    return bad + (not holds)


def main():
    near, far, repeats, meet, missing = [], [], [], [], 0
    print(f"{'operation':15} {'memperf ns':>11} {'cv %':>5} {'hand ns':>11} {'cv %':>5} {'from':>11} {'to':>11} {'ratio':>7}  case")
    for (op, case), rounds in read(sys.argv[1]).items():
        m, h, pairs = known(rounds, 1), known(rounds, 4), ratios(rounds)
        span, empty = [v for r in rounds for v in r[5] if v is not None], pairs.count([])
        if any(r[0] != "ok" for r in rounds) or not m or empty:
            why = "no value" if not m or not h else f"no value at {empty} of {len(pairs)} places" if empty else "not ok"
            print(f"{op:15} {why}: {case}")
            missing += 1
            continue
        value, noise = statistics.median(m), NOISE * max(cv(m), cv(h))
        ratio = min((statistics.median(p) for p in pairs), key=lambda r: abs(r - 1))
        off = abs(ratio - 1)
        near.append(off <= max(NEAR, noise))
        far.append(off <= max(FAR, noise))
        if value < 10000:
            repeats.append(cv(m) <= 0.02)
        meet += meetings(rounds)
        note = "" if near[-1] else "  OFF" if far[-1] else "  FAR OFF"
        print(f"{op:15} {value:11.1f} {100 * cv(m):5.1f} {value / ratio:11.1f} {100 * cv(h):5.1f} {min(span):11.1f} {max(span):11.1f} {ratio:7.3f}  {case}{note}")
    bad = share(near, "as the loop says, to 2 % or the noise", 0.95, 0)
    bad = share(far, "none off by more than 5 % or the noise", 1, bad)
    if repeats:
        bad = share(repeats, "below 10 us, rounds differ by 2 % at most", 0.8, bad)
    if any(len(r) > 1 for r in read(sys.argv[1]).values()):
        bad = share(meet, "pairs of rounds whose intervals meet", 0.95, bad)
    if missing:
        print(f"FAILS: {missing} operations have no value, or lack one at a place, or are not ok")
    sys.exit(bad + missing > 0)


main()
