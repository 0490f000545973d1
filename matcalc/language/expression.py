"""What every expression has: a shape, the operators, a hash, equality, and methods that later layers give.

Hashes are computed once, from those of the operands, and equality is structural and does not recurse, so that deep and shared
expressions cost no more than their number of nodes.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from matcalc.language.operators import METHODS, Computable, Drawable, Typeset, Written
from matcalc.language.sizes import Shape


class Expr(Written, Computable, Typeset, Drawable):
    """An expression: a scalar, a column, a row or a matrix.

    The operators act as on paper: ``@`` is the matrix product, ``*`` scales or multiplies entry by entry (Hadamard), ``**``
    and ``/`` act entry by entry, ``.T`` transposes. Shapes are checked on symbolic sizes as the expression is written.

    Shapes: ``shape`` is ``()`` for a scalar, ``(n,)`` a column, ``(1, n)`` a row, ``(m, n)`` a matrix. ``evaluate`` gives arrays of shape
    (1, 1), (n, 1), (1, n), (m, n).

    Attributes:
        shape: sizes, each a `Dim` or an int.

    Raises:
        ShapeError: sizes that do not conform, as soon as they are written.
        EvaluationError: by ``evaluate``, values that are missing or of the wrong shape.

    Example:
        >>> import matcalc as mc
        >>> W, x = mc.matrix("W", "m", "n"), mc.vector("x", "n")
        >>> (W @ x).shape
        (m,)
        >>> x @ W
        Traceback (most recent call last):
            ...
        matcalc.errors.ShapeError: x W does not conform: x is (n,), W is (m, n); 1 and m differ.
            x W
            ^^^
            In the other order they fit: W @ x.
    """

    __slots__ = ("_declared", "_hash")
    __match_args__: tuple[str, ...] = ()
    shape: Shape

    def __post_init__(self) -> None:
        parts = [getattr(self, name) for name in self.__match_args__]
        object.__setattr__(self, "_hash", hash((type(self).__name__, *parts)))

    def __hash__(self) -> int:
        return self._hash  # type: ignore[attr-defined, no-any-return]

    def __reduce__(self) -> tuple[Any, ...]:
        return type(self), tuple(getattr(self, name) for name in self.__match_args__)

    def __eq__(self, other: object) -> bool:
        if self is other:
            return True
        return isinstance(other, Expr) and _same(self, other)

    @property
    def declared(self) -> Mapping[str, Expr]:
        """What was declared, by plain name, where the text of this expression was read; it is no part of the expression."""
        return getattr(self, "_declared", {})

    def declaring(self, quantities: Mapping[str, Expr]) -> Expr:
        """The same expression, which remembers what was declared where its text was read."""
        kind, parts = self.__reduce__()
        made: Expr = kind(*parts)
        object.__setattr__(made, "_declared", quantities)
        return made

    def assuming(self, *texts: str) -> Expr:
        """The same expression with assumptions on its symbols, as "A symmetric", "y one-hot" or "m > n".

        Example:
            >>> import matcalc as mc
            >>> A, x = mc.matrix("A", "n", "n"), mc.vector("x", "n")
            >>> mc.derive((x.T @ A @ x).assuming("A symmetric"), x, layout="numerator").result
            2 x^T A
        """
        return METHODS["assuming"](self, texts)  # type: ignore[no-any-return]

    @property
    def operands(self) -> tuple[Expr, ...]:
        """The expressions that this one is written of; none for a leaf and for a `let` name."""
        return ()

    @property
    def T(self) -> Expr:
        """The transpose."""
        return METHODS["transpose"](self)  # type: ignore[no-any-return]

    def __repr__(self) -> str:
        return METHODS["text"](self)  # type: ignore[no-any-return]

    def __bool__(self) -> bool:
        raise TypeError("An expression is neither true nor false; compare two with ==.")

    def latex(self) -> str:
        """The expression in LaTeX."""
        return METHODS["latex"](self)  # type: ignore[no-any-return]

    def to_sympy(self) -> Any:
        """The expression in SymPy: see `matcalc.sympy_bridge.writing.to_sympy`."""
        return METHODS["to_sympy"](self)

    def evaluate(self, values: Any = None, *, sizes: Any = None, functions: Any = None) -> Any:
        """The value at given data, as a 2-D float64 array: see `matcalc.numeric.evaluation.evaluate`."""
        return METHODS["evaluate"](self, values, sizes=sizes, functions=functions)


def _same(left: Expr, right: Expr) -> bool:
    """Structural equality, by a work list."""
    stack: list[tuple[Any, Any]] = [(left, right)]
    seen: set[tuple[int, int]] = set()
    while stack:
        a, b = stack.pop()
        if a is b or (id(a), id(b)) in seen:
            continue
        if not isinstance(a, Expr):
            if isinstance(a, tuple) and a and isinstance(a[0], Expr) and isinstance(b, tuple) and len(a) == len(b):
                stack.extend(zip(a, b, strict=True))
            elif a != b:
                return False
            continue
        if type(a) is not type(b) or hash(a) != hash(b):
            return False
        seen.add((id(a), id(b)))
        stack.extend((getattr(a, name), getattr(b, name)) for name in a.__match_args__)
    return True
