"""Functions that no algebra describes, as atoms: a pseudo-random element of the field for each argument, the same every time.

An unknown f, or one of its derivatives, at a value v is an element that depends on nothing but its name, its order and v; so two
expressions agree at random data only if they agree for every f (but for a chance of about degree / p). Known functions keep
identities of their own:

    exp     g^v from the field below (v modulo q, where p = 2q + 1) to this one, so exp(a + b) = exp(a) exp(b) holds. In the last
            field of the chain, reached by an exp inside of three others, only exp(-v) = 1/exp(v) is kept.
    log     log(1/v) = -log(v). Not log(ab) = log(a) + log(b), nor log(exp(v)) = v: what needs them comes out undecided.
    sin     with cos by the tangent t of v/2: sin = 2t/(1 + t^2), cos = (1 - t^2)/(1 + t^2), odd and even.
    Phi     Phi(-v) = 1 - Phi(v); its derivative phi is exp(-v^2/2) / sqrt(2 pi), with an atom for 1 / sqrt(2 pi).
    sign    an odd atom of which sign(v)^2 = 1 is not known, or with ``signs="squares"`` 1 for squares and -1 for others:
            sign(ab) = sign(a) sign(b), and sqrt(v^2) = v sign(v). The first is sharp after one draw; the second is a coin, and
            needs many. The sign of 0 and of constants is the true one in both.
"""

from __future__ import annotations

from hashlib import blake2b
from typing import final

from matcalc.exact.field import CHAIN, UndefinedError, is_square, reciprocal, small_fraction


@final
class Atoms:
    """The atoms of one field of the chain, for one seed.

    Attributes:
        level: which field of `CHAIN`: 0 for values, k for what stands inside k exponentials.
        prime: its prime.
        calls: the arguments, up to sign, whose sign was taken by ``signs="squares"`` or of which there was an even root.
    """

    def __init__(self, seed: str, level: int, *, signs: str = "atoms", positive: bool = False) -> None:
        assert signs in ("atoms", "squares")
        self.level = level
        self.prime = CHAIN[level]
        self.calls: set[int] = set()
        self._seed = f"{seed}/{level}"
        self._signs = signs
        self._positive = positive
        self._known: dict[object, int] = {}

    @property
    def is_last(self) -> bool:
        """Whether no field lies below."""
        return self.level == len(CHAIN) - 1

    def element(self, *key: object) -> int:
        """The pseudo-random element of a key."""
        found = self._known.get(key)
        if found is None:
            digest = blake2b(f"{self._seed}:{key!r}".encode(), digest_size=24).digest()
            found = self._known[key] = int.from_bytes(digest) % self.prime
        return found

    def drawn(self, *key: object) -> int:
        """A value of a symbol or an unknown function; a square where all are to be positive."""
        found = self.element(*key)
        return found * found % self.prime if self._positive else found

    def odd(self, name: str, v: int) -> int:
        """An atom with f(-v) = -f(v)."""
        mirror = self.prime - v
        if v == 0:
            return 0
        return self.element(name, v) if v < mirror else self.prime - self.element(name, mirror)

    def exp(self, v: int, below: int | None) -> int:
        """exp at a value, which is ``below`` in the field below."""
        p = self.prime
        if below is not None:
            generator = self.element("exp")
            return pow(generator, 2 * below, p)
        if v == 0:
            return 1
        mirror = p - v
        if v < mirror:
            return self.element("exp", v)
        return reciprocal(self.element("exp", mirror), p)

    def log(self, v: int) -> int:
        if v == 0:
            raise UndefinedError("the logarithm of zero")
        other = pow(v, -1, self.prime)
        if other == v:
            return 0
        return self.element("log", v) if v < other else self.prime - self.element("log", other)

    def sign(self, v: int) -> int:
        p = self.prime
        constant = small_fraction(v, p)
        if constant is not None:
            return int(constant > 0) if constant >= 0 else p - 1
        if self._signs == "atoms":
            return self.odd("sign", v)
        self.toss(v)
        return 1 if is_square(v, p) else p - 1

    def toss(self, v: int) -> None:
        """Note that the result depends on whether v is a square."""
        if small_fraction(v, self.prime) is None:
            self.calls.add(min(v, self.prime - v))

    def step(self, v: int) -> int:
        """(1 + sign) / 2, and 0 at 0."""
        return (1 + self.sign(v)) * pow(2, -1, self.prime) % self.prime if v else 0

    def sin_and_cos(self, v: int) -> tuple[int, int]:
        p = self.prime
        t = self.odd("tan", v)
        scale = reciprocal((1 + t * t) % p, p)
        return 2 * t * scale % p, (1 - t * t) * scale % p

    def normal_cdf(self, v: int) -> int:
        return (pow(2, -1, self.prime) + self.odd("normal_cdf", v)) % self.prime
