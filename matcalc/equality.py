"""Proving and refuting equality: the public face of `matcalc.proving`, which is imported when it is first used."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from matcalc.language.operators import METHODS

if TYPE_CHECKING:
    from matcalc.exact.equality import Proof


def prove_equal(left: Any, right: Any, *, seed: int = 0) -> Proof:
    """Whether two expressions are equal: ``equal``, ``different`` or ``undecided``, by which method and with what certainty.

    In this order: the shapes; both sides as sums over indices, in canonical form; these multiplied out; values modulo a prime of
    74 bits at random data, unknown functions standing for any function; values in floating point.

    Equal means equal for all sizes, those that are 1 or coincide among them, wherever both sides have a value; a side that has none
    at sizes at which the other has one, as v_3 where n = 2, is not equal to it. A canonical form holds for all sizes. Modulo the prime
    several choices of sizes are tried, different, the same, turned round and 1, which ``reason`` names; other sizes are not proved.
    A size that is only a number, as in n x, is drawn at random as well, so for all its values. What agrees has to agree in floats
    at larger sizes, too.

    Values that differ modulo the prime prove nothing, since there log(ab) = log(a) + log(b) and its like do not hold: ``different`` is
    said only where numbers in floating point differ too, by far more than rounding may explain, and with the data that show it.

    Shapes: any; expressions of different shapes are different, a column and a row among them.

    Args:
        left, right: expressions, numbers, or what `derive` gave, which counts as its result.
        seed: of the random data.

    Returns:
        A Proof: ``verdict``, ``method``, ``error_probability`` (of ``equal``), ``counterexample`` (of ``different``), ``reason``;
        ``ok`` is true for ``equal``.

    Raises:
        DefinitionClashError: a name has different meanings in the two.
        NoMatrixFormError: the result of a derivation is no matrix.

    Example:
        >>> import matcalc as mc
        >>> A, B = mc.matrix("A", "m", "n"), mc.matrix("B", "n", "m")
        >>> mc.prove_equal((A @ B).T, B.T @ A.T)
        equal (canonical form): written as sums over indices, both sides are the same
        >>> mc.prove_equal((A @ B).T, A.T @ B.T)
        different (shapes): the shapes differ: (m, m) and (n, n)
        >>> proof = mc.prove_equal(mc.det(mc.identity("m") + A @ B), mc.det(mc.identity("n") + B @ A))
        >>> proof.verdict, proof.method, proof.error_probability < 1e-30
        ('equal', 'mod p', True)
        >>> S, T = mc.matrix("S", "n", "n"), mc.matrix("T", "n", "n")
        >>> proof = mc.prove_equal(S @ T, T @ S)
        >>> proof.verdict, proof.counterexample.left == proof.counterexample.right
        ('different', False)
    """
    return METHODS["prove_equal"](left, right, seed=seed)  # type: ignore[no-any-return]
