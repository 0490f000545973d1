"""Expressions as terms and codes, operands before what is written of them; what each type of node becomes is told by rules."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from typing import Any, TypeAlias, final

from matcalc.code.codes import PROMPT, Codes
from matcalc.code.identifiers import Identifiers
from matcalc.code.instructions import Code
from matcalc.code.products import Extent, Products
from matcalc.code.sums import Sums
from matcalc.code.terms import ONE, Term, entries_code, of_code
from matcalc.errors import UnsupportedError
from matcalc.language.expressions import Expr, Identity, Index, Let, Number, Ones, SizeNumber, Symbol, Zeros
from matcalc.language.sizes import rows_and_columns
from matcalc.language.traversal import postorder, with_definition

Rules: TypeAlias = "Mapping[type[Expr], Callable[[Translation, Any], Term]]"

_FREE_TO_REPEAT = (Number, SizeNumber, Symbol, Let, Ones, Zeros, Identity, Index)


@final
class Translation:
    """The codes of several expressions, with everything that they share made once.

    Attributes:
        codes: all that was made.
        terms: what each expression became.
        names: identifiers of arguments, sizes, functions and named quantities.
    """

    def __init__(self, roots: Iterable[Expr], names: Identifiers, extent: Extent, rules: Rules) -> None:
        self.roots = tuple(roots)
        self.names = names
        self.codes = Codes(names.sizes)
        self.codes.model = self._model()
        self.products = Products(self.codes, extent)
        self.sums = Sums(self.codes, self.products)
        self.terms: dict[Expr, Term] = {}
        order = list(postorder(self.roots, with_definition))
        self.uses = Counter(operand for node in order for operand in with_definition(node))
        for node in order:
            if type(node) not in rules:
                raise UnsupportedError(f"There is no code for {node!r}.")
            term = rules[type(node)](self, node)
            self.terms[node] = self._kept(node, term)

    def _model(self) -> Code | None:
        """The first array among the arguments, or the first scalar: what new arrays are like."""
        symbols = sorted(self.names.arguments, key=lambda symbol: not symbol.shape)
        return self.symbol_code(symbols[0]) if symbols else None

    def symbol_code(self, symbol: Symbol | Index) -> Code:
        shape = rows_and_columns(symbol.shape) if symbol.shape else ()
        return self.codes.argument(self.names.arguments[symbol], shape)

    def _kept(self, node: Expr, term: Term) -> Term:
        """A term that several need is carried out once."""
        simple = len(term.string) < 2 and term.coefficient == 1 and not term.scalars
        if self.uses[node] < 2 or simple or isinstance(node, _FREE_TO_REPEAT):
            return term
        term = self.products.settled(term)
        if len(term.string) == 1 and term.string[0].is_full:
            return of_code(self.small(term), term.rows, term.columns)
        return term

    # ---- a term as a code --------------------------------------------------------------------------------------------

    def small(self, term: Term) -> Code:
        """The entries of a term in as small an array as holds them; a diagonal one in full."""
        made = self.products.settled(term)
        powers = made.scalars
        if made.string:
            (factor,) = made.string
            powers = (*powers, *(((self.products.array(factor), ONE),) if factor.diagonal else factor.powers))
        return entries_code(self.codes, made.coefficient, powers)

    def full(self, term: Term) -> Code:
        """The value of a term as an array of its whole shape, a scalar without axes."""
        if term.is_scalar:
            return self.small(term)
        made = self.products.settled(term)
        if made.coefficient == 0:
            return self.codes.made("zeros", (term.rows, term.columns))
        (factor,) = made.string
        rest = (*made.scalars, *factor.powers)
        if not factor.is_full and not factor.diagonal and all(not code.shape for code, _ in rest):
            ones = self.codes.made("ones", (term.rows, term.columns))
            return entries_code(self.codes, made.coefficient, (*rest, (ones, ONE)))
        whole = self.products.array(factor)
        if factor.is_full:
            return entries_code(self.codes, made.coefficient, rest)
        return entries_code(self.codes, made.coefficient, (*made.scalars, (whole, ONE)))

    def of(self, node: Expr) -> Term:
        return self.terms[node]

    def named(self, code: Code, name: str) -> Code:
        """A code under the name of a quantity; an argument or a number keeps its own."""
        if code.operation in PROMPT or code.operation in ("named", "size"):
            return code
        return self.codes.make("named", (code,), self.names.of_let(name), code.shape)
