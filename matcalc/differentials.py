"""Differentials: dC = tr(M dW) + ..., one term for each variable, and what they say of derivatives in either layout.

The differential of Y at increments dX is the derivative of Y along X + t dX by the number t. It has the shape of Y and needs no
layout; a layout comes in with the identification: from dC = tr(M dW) for every dW follows dC/dW = M in numerator layout.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, final

from matcalc.derivation import Derivation
from matcalc.errors import MatcalcError, NoMatrixFormError
from matcalc.index.engine import Engine
from matcalc.index.index_form import IndexForm
from matcalc.language.asked import Declarations, quantity_and_variables
from matcalc.language.assumed import properties_of
from matcalc.language.building import times
from matcalc.language.expressions import Derivative, Expr, Let, Symbol
from matcalc.language.by_name import ByName
from matcalc.language.operators import METHODS, Typeset
from matcalc.language.reading.scope import FunctionLike, Names, ShapeLike
from matcalc.language.renaming import exchanged_names
from matcalc.language.traversal import named, postorder, with_definition
from matcalc.layout.conventions import Layout, Style, layout_named, style_named
from matcalc.layout.factors import name_of
from matcalc.layout.increments import before_increment, increment_of, is_zero, signed, sum_of_terms
from matcalc.printing.line_breaks import text_lines
from matcalc.steps import Step, Steps

IDENTIFICATION = "Magnus & Neudecker, Matrix Differential Calculus, 2019, chapter 9, first identification theorem; numerator layout"


def differential(
    of: Expr | str,
    wrt: Iterable[Expr | str] | Expr | str | None = None,
    *,
    through: Iterable[Expr | str] | Expr | str = (),
    style: str = "hadamard",
    shapes: Mapping[str, ShapeLike] | None = None,
    functions: Mapping[str, FunctionLike] | None = None,
    names: Names | None = None,
    assume: Iterable[str] = (),
) -> Differential:
    """The differential of a scalar, vector or matrix: its change to first order, as a sum of one term for each variable.

    Shapes: the differential has the shape of ``of``, an increment dW that of W.

    Args:
        of: an expression; or a formula in LaTeX, whose names are declared by the arguments below.
        wrt: the variables that change, or their names; without it all symbols but those assumed constant.
        through: named quantities whose differential stays a name, as dz; each has its own differential in `Differential.parts`.
        style, shapes, functions, names, assume: as in `derive`.

    Returns:
        A `Differential`.

    Raises:
        UnknownNameError: a name that does not occur.
        MatcalcError: the name of an increment is taken.
        NoMatrixFormError: no string of matrices writes the differential of a matrix.

    Source: Magnus & Neudecker, Matrix Differential Calculus, 2019, chapters 8 and 9.

    Example:
        >>> import matcalc as mc
        >>> W, x, b = mc.matrix("W", "m", "n"), mc.vector("x", "n"), mc.vector("b", "m")
        >>> z = mc.let("z", W @ x + b)
        >>> mc.differential(z)
        dz = dW x + W dx + db
        >>> d = mc.differential(mc.let("C", mc.sum(mc.exp(z))), [W, b], through=z)
        >>> d
        dC = exp(z)^T dz
        >>> d.parts["z"]
        dz = dW x + db
        >>> mc.differential(mc.trace(W @ W.T)).identify(layout="denominator")["W"].after
        2 W
    """
    asked = [] if wrt is None else [wrt] if isinstance(wrt, Expr | str) else list(wrt)
    kept = [through] if isinstance(through, Expr | str) else list(through)
    quantity, targets = quantity_and_variables(of, [*asked, *kept], Declarations(shapes, functions, names, assume))
    variables, held = targets[: len(asked)], targets[len(asked) :]
    for each in held:
        if not isinstance(each, Let):
            raise MatcalcError(f"through= takes named quantities; {each.name} is a variable, whose increment d{each.name} stays anyway.")
    chosen = tuple(variables) if wrt is not None else _variables([quantity])
    return Differential(quantity, chosen, tuple(each for each in held if isinstance(each, Let)), style_named(style))


def _variables(roots: Sequence[Expr]) -> tuple[Symbol | Let, ...]:
    """All symbols that are not assumed constant, in the order written."""
    symbols = (node for node in named(roots).values() if isinstance(node, Symbol))
    return tuple(node for node in symbols if "constant" not in properties_of(node))


@final
class Differential(Typeset):
    r"""The differential of ``of``: result, terms, identification, steps, verification.

    Shapes: ``result`` and every term have the shape of ``of``; an increment dW has that of W. ``identify`` gives derivatives in the
    layout
    asked for: of a scalar by W (p x q) q x p in numerator layout, p x q in denominator layout.

    Attributes:
        of: the quantity.
        variables: what changes.
        through: named quantities whose differentials stay names.
        style: ``hadamard`` or ``diag``.

    Raises:
        LayoutError: by ``identify``, no layout or one that does not exist.
        NoMatrixFormError: by ``result``, where no string of matrices writes it.

    Example:
        >>> import matcalc as mc
        >>> A, X = mc.matrix("A", "m", "n"), mc.matrix("X", "n", "m")
        >>> d = mc.differential(mc.trace(A @ X))
        >>> d.terms
        {'A': tr(X dA), 'X': tr(A dX)}
        >>> print(d.result.latex())
        \operatorname{tr}(\mathbf{X} d\mathbf{A}) + \operatorname{tr}(\mathbf{A} d\mathbf{X})
        >>> d.verify().ok
        True
    """

    def __init__(self, of: Expr, variables: tuple[Symbol | Let, ...], through: tuple[Let, ...], style: Style) -> None:
        self.of = of
        self.variables = variables
        self.through = through
        self.style = style
        self._check_names()

    def _check_names(self) -> None:
        if isinstance(self.of, Let) and self.of in (*self.variables, *self.through):
            raise MatcalcError(f"{name_of(self.of)} is asked for in terms of itself: its differential is {_changed(self.of)}.")
        taken = named([self.of])
        wrong = [node.name for node in (*self.variables, *self.through) if f"d{node.name}" in taken]
        if wrong:
            listed = ", ".join(f"d{name}" for name in wrong)
            raise MatcalcError(f"The name {listed} is that of an increment in the differential, and {name_of(self.of)} uses it: rename it.")

    def __repr__(self) -> str:
        return "\n".join(text_lines(f"{_changed(self.of)} = {self._result_text}"))

    @property
    def _result_text(self) -> str:
        try:
            return repr(self.result)
        except NoMatrixFormError:
            return "no string of matrices"

    def latex(self) -> str:
        """The equation in LaTeX."""
        of = self.of.latex()
        left = increment_of(self.of).latex() if isinstance(self.of, Symbol | Let) else f"d({of})"
        return f"{left} = {self.result.latex()}"

    # ---- forms -------------------------------------------------------------------------------------------------------

    @cached_property
    def _cut(self) -> tuple[Expr, tuple[Symbol, ...], dict[str, Symbol | Let]]:
        """The quantity with what is varied by itself as symbols, these symbols, and what each stands for."""
        lets = [node for node in (*self.variables, *self.through) if isinstance(node, Let) and node != self.of]
        symbols = {node.name: Symbol(node.name, node.shape) for node in lets}
        root = self.of
        inside = root.definition if isinstance(root, Let) else root
        definition = exchanged_names([inside], symbols)[0]
        whole: Expr = Let(root.name, definition, root.shape) if isinstance(root, Let) else definition
        left = named([definition])
        meant: dict[str, Symbol | Let] = {node.name: node for node in (*self.variables, *self.through)}
        used = [name for name in meant if name in left]
        return whole, tuple(_as_symbol(symbols.get(name, left[name])) for name in used), {name: meant[name] for name in used}

    @cached_property
    def terms(self) -> dict[str, Expr]:
        """The term of each variable that occurs, by plain name, in the order of the variables.

        Raises:
            NoMatrixFormError: no string of matrices writes a term.
        """
        whole, symbols, meant = self._cut
        made = {symbol.name: _term(whole, symbol, self.style) for symbol in symbols}
        return ByName({name: self._named(term, meant) for name, term in made.items() if term is not None})

    def _named(self, expression: Expr, meant: Mapping[str, Symbol | Let]) -> Expr:
        """The expression with the named quantities that were held."""
        return exchanged_names([expression], {name: node for name, node in meant.items() if isinstance(node, Let)})[0]

    @cached_property
    def result(self) -> Expr:
        """The differential: the sum of the terms, of the shape of ``of``."""
        return sum_of_terms(self.terms.values(), self.of.shape)

    @cached_property
    def parts(self) -> dict[str, Differential]:
        """The differentials of the named quantities that stay names, by plain name."""
        others = [tuple(node for node in self.through if node != each) for each in self.through]
        symbols = tuple(node for node in self.variables if node not in self.through)
        return ByName({each.name: Differential(each, symbols, rest, self.style) for each, rest in zip(self.through, others, strict=True)})

    # ---- identification ----------------------------------------------------------------------------------------------

    def identify(self, *, layout: str | None = None) -> dict[str, Step]:
        """The derivative by each variable, read off the differential: steps whose ``after`` is the derivative in the layout.

        Shapes: as in `derive`; with three or four axes the derivative by vec.

        Args:
            layout: ``numerator`` or ``denominator``.

        Source: Magnus & Neudecker, Matrix Differential Calculus, 2019, chapter 9, by the first identification theorem, 5.11.

        Example:
            >>> import matcalc as mc
            >>> X, A = mc.matrix("X", "n", "m"), mc.matrix("A", "m", "n")
            >>> step = mc.differential(mc.trace(A @ X), X).identify(layout="numerator")["X"]
            >>> step
            dtr(A X)/dX = A
                by: first identification theorem: d(tr(A X)) = tr(A dX) for every dX, so the derivative is A in numerator layout
            >>> step.verify()
            True
        """
        chosen = layout_named(layout)
        whole, symbols, _ = self._cut
        return ByName({symbol.name: _identified(whole, symbol, chosen, self.style) for symbol in symbols})

    # ---- steps and checks --------------------------------------------------------------------------------------------

    @cached_property
    def steps(self) -> Steps:
        """The differential of each named quantity in terms of those of the next, then the whole; each can be verified by itself."""
        whole, symbols, _ = self._cut
        inner = [node for node in named([whole]).values() if isinstance(node, Let) and node != whole]
        lets = [node for node in reversed(inner) if _rests_on(node, {symbol.name for symbol in symbols})]
        chain = [Differential(each, symbols, tuple(n for n in lets if n != each), self.style) for each in (whole, *lets)] if lets else []
        found = [each.step("differential of the definition") for each in chain]
        rule = "substituted, the differentials of the named quantities put in" if lets else "differential of the definition"
        return Steps([*found, self.step(rule)])

    def step(self, rule: str) -> Step:
        """This differential as one step, the derivative along the increments on the left."""
        along = self.along
        engine = Engine()
        whole, symbols, _ = self._cut
        rules = [each for symbol in symbols for each in engine.rules_of(whole, symbol)]
        used = ", ".join(dict.fromkeys(each.name for each in rules))
        source = "; ".join(dict.fromkeys(each.source for each in rules)) or "definition"
        statement = r" \qquad ".join(dict.fromkeys(each.statement for each in rules))
        before = Derivative(along.of, along.wrt, along.layout.value, False, self.of.shape)
        return Step(f"{rule}{': ' if used else ''}{used}; {self!r}", before, along.result, source, along.layout.value, statement)

    @cached_property
    def along(self) -> Along:
        """The differential as a derivative by one number, along X + t dX."""
        whole, symbols, _ = self._cut
        taken = set(named([whole, *map(increment_of, symbols)]))
        number = Symbol(_free("t", taken), ())
        moved: dict[str, Symbol | Let] = {}
        for symbol in symbols:
            start = Symbol(_free(f"{symbol.name}_0", taken), symbol.shape)
            moved[symbol.name] = Let(symbol.name, start + times(number, increment_of(symbol)), symbol.shape)
        of, result = exchanged_names([whole, sum_of_terms((_term(whole, each, self.style) for each in symbols), self.of.shape)], moved)
        return Along(of, number, result, _changed(self.of), self.style)

    def verify(self, *, sizes: dict[str, int] | None = None, seed: int = 0) -> Any:
        """Compare with independent oracles, as the derivative along the increments: see `matcalc.verification.verify`."""
        return METHODS["verify"](self.along, sizes=sizes, seed=seed)


@final
@dataclass(frozen=True, slots=True)
class Along:
    """A differential as the derivative of ``of`` by the number ``wrt``, every variable being X + t dX: what oracles can judge."""

    of: Expr
    wrt: Symbol
    result: Expr
    name: str
    style: Style

    def __repr__(self) -> str:
        return self.name

    @property
    def layout(self) -> Layout:
        """Numerator layout, in which a derivative by a number has the shape of what is derived."""
        return Layout.NUMERATOR

    @property
    def vec_form(self) -> Expr:
        """The matrix."""
        return self.result

    @property
    def index_form(self) -> IndexForm:
        """The sum over indices."""
        return Derivation(self.of, self.wrt, self.layout, self.style).index_form


# ---- terms -----------------------------------------------------------------------------------------------------------


def _changed(of: Expr) -> str:
    """How the differential of a quantity is called."""
    name = name_of(of)
    return f"d{name}" if isinstance(of, Symbol | Let) or name.startswith("(") else f"d({name})"


def _as_symbol(node: Expr) -> Symbol:
    assert isinstance(node, Symbol)
    return node


def _free(name: str, taken: set[str]) -> str:
    """A name that is not taken, and is from now on."""
    while name in taken:
        name += "'"
    taken.add(name)
    return name


def _rests_on(node: Let, names: set[str]) -> bool:
    return any(isinstance(each, Symbol | Let) and each.name in names for each in postorder([node.definition], with_definition))


def _term(of: Expr, variable: Symbol, style: Style) -> Expr | None:
    """The part of a differential that is due to one variable: tr(M dX) of a scalar; None where it is zero."""
    if of.shape:
        return _along_one(of, variable, style)
    negative, matrix = signed(Derivation(of, variable, Layout.NUMERATOR, style).result)
    if is_zero(matrix):
        return None
    made = before_increment(matrix, increment_of(variable))
    return -made if negative else made


def _along_one(of: Expr, variable: Symbol, style: Style) -> Expr | None:
    """The derivative of an array along X + t dX."""
    taken = set(named([of, increment_of(variable)]))
    number, start = Symbol(_free("t", taken), ()), Symbol(_free(f"{variable.name}_0", taken), variable.shape)
    moved = Let(variable.name, start + times(number, increment_of(variable)), variable.shape)
    result = Derivation(exchanged_names([of], {variable.name: moved})[0], number, Layout.NUMERATOR, style).result
    return None if is_zero(result) else exchanged_names([result], {variable.name: variable})[0]


def _identified(of: Expr, variable: Symbol, layout: Layout, style: Style) -> Step:
    """The derivative by one variable, read off the differential."""
    found = Derivation(of, variable, layout, style)
    change, increment = _changed(of), f"d{variable.name}"
    before = Derivative(of, variable, layout.value, False, found.shape)
    turned = "" if layout is Layout.NUMERATOR else ", the transpose of what stands before the increment,"
    if len(found.shape) > 2:
        by_vec = Derivation(of, variable, Layout.NUMERATOR, style).vec_form
        rule = f"identification by vec: vec({change}) = ({by_vec!r}) vec({increment}) for every {increment}"
        said = f"so the derivative by vec is {found.vec_form!r}{turned} in {layout.value} layout"
        return Step(f"{rule}, {said}", before, found.vec_form, IDENTIFICATION, layout.value)
    term = _term(of, variable, style)
    rule = f"first identification theorem: {change} = {'0' if term is None else repr(term)} for every {increment}"
    said = f"so the derivative is {found.result!r}{turned} in {layout.value} layout"
    return Step(f"{rule}, {said}", before, found.result, IDENTIFICATION, layout.value)
