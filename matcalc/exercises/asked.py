"""What a task asks for: a derivative in a layout, or an expression, with its value as the engine finds it."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any, final

from matcalc.derivation import Derivation, derive
from matcalc.exercises.prose import Formula
from matcalc.language.expressions import Apply, Derivative, Expr, Transpose
from matcalc.language.model import Model
from matcalc.language.reading.formula import read
from matcalc.language.traversal import named, postorder, with_operands
from matcalc.layout.conventions import Layout
from matcalc.layout.conversion import converted


@final
@dataclass(frozen=True)
class Asked:
    """A derivative that is asked for; its value is derived when an answer is checked.

    Attributes:
        of, wrt: the quantity and the variable.
        layout: ``numerator`` or ``denominator``.
        by_vec: whether vec of the one is derived by vec of the other.
    """

    of: Expr
    wrt: Expr
    layout: str
    by_vec: bool = False

    @cached_property
    def derivation(self) -> Derivation:
        """The derivation, in the layout."""
        return derive(self.of, self.wrt, layout=self.layout)

    @property
    def value(self) -> Expr:
        """What is right."""
        return self.derivation.vec_form if self.by_vec else self.derivation.result

    @property
    def shape(self) -> tuple[object, ...]:
        """The shape of what is right."""
        return self.derivation.vec_shape if self.by_vec else self.derivation.shape

    @property
    def left(self) -> Formula:
        """The derivative as it is written."""
        of, wrt = self.of, self.wrt
        if not self.by_vec:
            written = Derivative(of, wrt, self.layout, False, self.derivation.shape)
            return Formula(written.latex(), repr(written))
        above, below = rf"\operatorname{{vec}}({of.latex()})", rf"\operatorname{{vec}}({wrt.latex()})"
        if not of.shape:
            above = of.latex()
        turned, turn = (r"^\top", "^T") if self.layout == "numerator" else ("", "")
        text = f"d{of!r}/dvec({wrt!r}){turn}" if not of.shape else f"dvec({of!r})/dvec({wrt!r}){turn}"
        return Formula(rf"\frac{{\partial {above}}}{{\partial {below}{turned}}}", text)

    @cached_property
    def model(self) -> Model:
        """The names that an answer may use."""
        return Model(names=[self.of, self.wrt])


def names_of(model: Model) -> dict[str, Any]:
    """The quantities and functions of a model, by plain name."""
    return {**{name: model[name] for name in model}, **model.functions}


def read_answer(text: str, model: Model, layout: str | None) -> Expr:
    """The expression that a text writes; a power of a vector is one of each entry, which is how results are printed."""
    return read(text, replace(model.scope, layout=layout, powers_of_vectors=True))


def pushed(expr: Expr) -> Expr:
    """The expression with every transpose at single factors.

    Example:
        >>> import matcalc as mc
        >>> A, B, x = mc.matrix("A", "m", "n"), mc.matrix("B", "n", "k"), mc.vector("x", "m")
        >>> pushed(((A @ B).T @ x).T), pushed((A @ B).T @ x)
        (x^T A B, B^T A^T x)
    """
    made: dict[Expr, Expr] = {}
    for node in postorder([expr]):
        turned = isinstance(node, Transpose) and bool(node.argument.operands)
        made[node] = (
            converted(made[node.operands[0]], Layout.NUMERATOR) if turned else with_operands(node, tuple(made[e] for e in node.operands))
        )
    return made[expr]


@final
@dataclass(frozen=True)
class Rewriting:
    """An expression whose transpose is to be written.

    Attributes:
        given: as it stands in the task.
    """

    given: Expr

    @property
    def value(self) -> Expr:
        """What is right."""
        return self.given.T

    @property
    def shape(self) -> tuple[object, ...]:
        """The shape of what is right."""
        return self.value.shape

    @property
    def layout(self) -> None:
        """None: no derivative stands in it."""
        return

    @property
    def left(self) -> Formula:
        """What it is equal to."""
        return Formula(self.value.latex(), repr(self.value))

    @cached_property
    def model(self) -> Model:
        """The names that an answer may use."""
        applied = [node.function for node in postorder([self.given]) if isinstance(node, Apply) and not node.function.known]
        return Model(names=named([self.given]), functions={function.name: function for function in applied})
