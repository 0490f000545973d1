"""Do measured times rank as counted multiplications do? Chains whose bracketings differ by a factor of 4 and more."""

from __future__ import annotations

from itertools import combinations

import matcalc as mc

CHAINS = {
    "784-512-8-512-784": [("W4", 784, 512), ("W3", 512, 8), ("W2", 8, 512), ("W1", 512, 784)],
    "a row and two matrices": [("g", 1, 1200), ("B", 1200, 1200), ("A", 1200, 1200)],
    "with diagonals": [("g", 1, 900), ("D", 900, 900, "diagonal"), ("B", 900, 900), ("E", 900, 900, "diagonal"), ("A", 900, 600)],
    "a wide end": [("C", 1500, 20), ("B", 20, 1500), ("A", 1500, 20)],
}
FACTOR = 4


def main() -> None:
    agree = total = 0
    for name, chain in CHAINS.items():
        report = mc.costs(chain)
        seconds = report.measured(repeats=9)
        print(f"  {name}")
        for row in report.rows:
            taken = seconds[row.mode.value, row.layout.value]
            print(f"    {row.layout.value:<12}{row.mode.value:<8}{(row.numbers or (0,))[0]:>14,} multiplications {1e3 * taken:9.3f} ms")
        for one, other in combinations(report.rows, 2):
            a, b = (row.numbers or (0,) for row in (one, other))
            if max(a[0], b[0]) >= FACTOR * min(a[0], b[0]):
                total += 1
                times = [seconds[row.mode.value, row.layout.value] for row in (one, other)]
                agree += (a[0] < b[0]) == (times[0] < times[1])
    print(f"  {agree} of {total} pairs that differ by {FACTOR} or more in the count rank the same in time")


if __name__ == "__main__":
    main()
