"""Long runs over random data, each a longer form of a test: python benchmarks/long_run.py NAME [--count N] [--first SEED] [--seconds S]

duals: the derivatives of random expressions, by all variables in both layouts, against dual numbers over a finite field. A derivative
without a matrix form, and data that do not exist over the field, are counted apart.

derivations: the first, second and structured derivatives of random expressions over all operations, with symbols of which something is
assumed, in all their forms against reverse mode, differences and dual numbers; each comparison is counted.

round-trip: random expressions over every node, written in LaTeX and read again; every fourth one is evaluated both ways.
fuzz: formulas that were changed at random: an expression, which is then written and read again, or an error of the package, soon.

orders: the counts of orders of random products of up to seven factors, against brute force.

slips: what the checker makes of 500 lines with a slip and 300 with two, that were planted in the text of right lines, of 500 right lines
and of the published identities in both layouts. The repairs are judged by differences; the shares of them are compared at the end.
exercises: 500 generated tasks: right answers in three forms, and five typical wrong ones from a fixed file of mistakes, which have to be
refused; the share of those whose kind is the file's, and of tasks that are alike but for names, is compared at the end.

check-fuzz: documents that were changed at random: a report or an error of the package, within 5 s; a fifth of them has to be readable.

The exit code is 1 if anything fails; each failure is printed with its seed. It needs what the tests need.
"""

from __future__ import annotations

import argparse
import sys
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent.parent))

from tests import derivation_trials, fuzzed_formulas, random_notation
from tests.check import check_trials, mutated_documents
from tests.exact.against_engine import judged
from tests.exercises import exercise_trials
from tests.layout import random_chains

MOST_FAILURES = 20


@dataclass(frozen=True)
class Run:
    """A long run.

    Attributes:
        count: how many seeds it takes unless told otherwise.
        trial: gives for a seed how often each outcome was met, and the failures in words.
        lacking: what all outcomes together fall short of, in words.
    """

    count: int
    trial: Callable[[int], tuple[Counter[str], tuple[str, ...]]]
    lacking: Callable[[Counter[str]], list[str]] = lambda outcomes: []


def duals(seed: int) -> tuple[Counter[str], tuple[str, ...]]:
    found = judged(seed)
    return found.outcomes, found.wrong


def derivations(seed: int) -> tuple[Counter[str], tuple[str, ...]]:
    found = derivation_trials.judged(seed)
    return found.outcomes, tuple(found.wrong)


def round_trip(seed: int) -> tuple[Counter[str], tuple[str, ...]]:
    found = random_notation.round_trip(seed)
    return Counter([found.outcome]), (f"seed {seed}: {found.fault}",) if found.fault else ()


def fuzz(seed: int) -> tuple[Counter[str], tuple[str, ...]]:
    found = fuzzed_formulas.fuzzed(seed)
    return Counter([found.outcome]), (f"seed {seed}: {found.fault}",) if found.fault else ()


def orders(seed: int) -> tuple[Counter[str], tuple[str, ...]]:
    return random_chains.judged(seed, most=7)


def slips(seed: int) -> tuple[Counter[str], tuple[str, ...]]:
    found = check_trials.trial(seed)
    for each in found.short:
        print(f"  {each}", flush=True)
    return found.outcomes, tuple(found.wrong)


def exercises(seed: int) -> tuple[Counter[str], tuple[str, ...]]:
    found = exercise_trials.trial(seed)
    for each in found.short:
        print(f"  {each}", flush=True)
    return found.outcomes, tuple(found.wrong)


RUNS = {
    "duals": Run(20_000, duals),
    "derivations": Run(100_000, derivations),
    "round-trip": Run(10_000, round_trip),
    "fuzz": Run(100_000, fuzz),
    "orders": Run(20_000, orders),
    "slips": Run(check_trials.TRIALS, slips, check_trials.lacking),
    "exercises": Run(exercise_trials.TRIALS, exercises, exercise_trials.lacking),
    "check-fuzz": Run(100_000, mutated_documents.judged_mutant, mutated_documents.lacking),
}


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("name", choices=RUNS)
    parser.add_argument("--count", type=int, help=f"how many seeds; unless given, {', '.join(f'{k}: {r.count}' for k, r in RUNS.items())}")
    parser.add_argument("--first", type=int, default=0, help="the first seed; 0 unless given")
    parser.add_argument("--seconds", type=float, default=float("inf"), help="stop after so many, and tell how many seeds were run")
    options = parser.parse_args()
    run = RUNS[options.name]
    count = run.count if options.count is None else options.count
    outcomes: Counter[str] = Counter()
    failures: list[str] = []
    start = time.perf_counter()
    done = 0
    for seed in range(options.first, options.first + count):
        if time.perf_counter() - start > options.seconds:
            break
        found, wrong = run.trial(seed)
        done += 1
        outcomes += found
        failures += wrong
        for failure in wrong[: max(0, MOST_FAILURES - len(failures) + len(wrong))]:
            print(f"  FAILS: {failure}", flush=True)
    for lack in run.lacking(outcomes):
        failures.append(lack)
        print(f"  FAILS: {lack}")
    listed = ", ".join(f"{number} {outcome}" for outcome, number in sorted(outcomes.items()))
    print(f"{options.name}: {done} seeds from {options.first}: {listed}; {len(failures)} failures; {time.perf_counter() - start:.0f} s")
    return int(bool(failures) or not outcomes)


if __name__ == "__main__":
    sys.exit(main())
