"""From the syntax tree to the expression: each sum is built once, innermost first, without recursion."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import assert_never, final

from matcalc.errors import MatcalcError
from matcalc.language import building
from matcalc.language.elementwise import KNOWN_FUNCTIONS, ElementwiseFunction, MapFunction
from matcalc.language.expressions import Determinant, Expr, Let, Symbol
from matcalc.language.reading import names
from matcalc.language.reading.acting import Acting
from matcalc.language.reading.ambiguities import BRACKETS, check_side_by_side, doubly_barred, no_transpose_of_a_number
from matcalc.language.reading.deriving import Deriving
from matcalc.language.reading.entries import Bound, Entries, bound_by
from matcalc.language.reading.grammar import Parser
from matcalc.language.reading.lexer import Tokens
from matcalc.language.reading.meanings import Marks, Meaning, Names, size_number
from matcalc.language.reading.operations import Operations
from matcalc.language.reading.prefixes import Read, Value, operator_before
from matcalc.language.reading.scope import Head, OpenMap, Scope
from matcalc.language.reading.sizing import Sizing
from matcalc.language.reading.source import Span
from matcalc.language.reading.syntax import Base, Blend, Factor, Group, Name, Numeral, Operator, Product, Quotient, Ratio, Sum, Summation
from matcalc.language.reading.vocabulary import OPERATIONS, Operation, operation, operation_named
from matcalc.language.sizes import ndim, rows_and_columns
from matcalc.language.traversal import named

MOST_PARTS = 10
WAY_OUT = r"Write \frac{\partial C}{\partial \mathbf{x}}."


@final
class Builder:
    """One walk over a syntax tree."""

    def __init__(self, tokens: Tokens, scope: Scope, sizing: Sizing) -> None:
        self.tokens = tokens
        self.source = tokens.source
        self.scope = scope
        self.do = Operations(tokens.source, sizing)
        self.do.powers_of_vectors = scope.powers_of_vectors
        self.entries = Entries(tokens, scope, self.do)
        self.names = Names(tokens, scope, sizing, self.entries)
        self.acting = Acting(tokens, scope, self.do, self.entries, self.read_part)
        self.deriving = Deriving(tokens, scope, self.do)
        self.values: dict[int, Value] = {}
        self.depth = 0

    def built(self, tree: Sum) -> Expr:
        """The expression of a tree; faults of shapes are noted in ``do``."""
        outside = self.entries.bound
        stack: list[tuple[Sum, tuple[Bound, ...], bool]] = [(tree, outside, False)]
        while stack:
            part, bound, ready = stack.pop()
            self.entries.bound = bound
            if ready:
                self.values[id(part)] = self._sum(part)
            else:
                stack.append((part, bound, True))
                stack += [(inner, (*bound, *more), False) for inner, more in self.inner(part)]
        self.entries.bound = outside
        return self.expression(self.values[id(tree)], tree.span)

    def inner(self, part: Sum) -> Iterator[tuple[Sum, tuple[Bound, ...]]]:
        """The sums inside a sum, each with the letters that a written sum binds around it."""
        for base in (factor.base for _, blend in part.terms for product in blend.products for factor in product.factors):
            match base:
                case Group():
                    yield from ((inner, ()) for inner in (doubly_barred(base) or base).parts)
                case Ratio(above=above, below=below):
                    yield above, ()
                    yield below, ()
                case Quotient(of=of, by=by) if self._declared_quotient(base) is None:
                    yield from ((inner, ()) for inner in (of, *(variable.part for variable in by)) if inner is not None)
                case Summation(over=over):
                    self.entries.note_sizes(base)
                    yield base.body, bound_by(base)
                    yield from ((bound, ()) for each in over for bound in (each.low, each.high) if bound is not None)

    def read_part(self, place: tuple[int, int]) -> Expr:
        """The expression in some of the tokens, such as an exponent."""
        if self.depth >= MOST_PARTS:
            raise self.source.unreadable(self.tokens.span(*place), f"Exponents nested deeper than {MOST_PARTS}.", "Name a part.")
        self.depth += 1
        found = self.built(Parser(self.tokens, self.scope.words, self.scope.letters, place).parsed())
        self.depth -= 1
        return found

    def expression(self, value: Value, span: Span) -> Expr:
        if isinstance(value, Expr):
            return value
        if isinstance(value, OpenMap):
            return self.do.without_argument(value, span)
        slopes = self._slopes(value)
        if slopes is not None:
            return building.diag(slopes) if ndim(slopes.shape) == 1 else slopes
        name = self.source.piece(span)
        raise self.source.unreadable(span, f"{name} is a function and needs its argument in brackets.", f"Write {name}(...).")

    def _slopes(self, value: Value) -> Expr | None:
        """The entries of f'(z) where only f' is written, if it is known what f is of."""
        if not isinstance(value, ElementwiseFunction) or not value.order or value.name not in self.scope.bare:
            return None
        return building.apply(value, self.scope.bare[value.name])

    def _is_bare(self, factor: Factor, meaning: Meaning, argument: Group) -> bool:
        """Whether brackets behind (f)' are a factor, since f is of something else."""
        head = meaning.head
        if not isinstance(factor.base, Group) or not isinstance(head, ElementwiseFunction) or head.name not in self.scope.bare:
            return False
        return [self.values[id(part)] for part in argument.parts] != [self.scope.bare[head.name]]

    def _beside_hadamard(self, value: Value, span: Span) -> Expr:
        """An operand of a product entry by entry, where f' alone is a vector and no diagonal matrix."""
        slopes = self._slopes(value)
        return self.expression(value, span) if slopes is None else slopes

    def _inside(self, part: Sum) -> Expr:
        return self.expression(self.values[id(part)], part.span)

    # ---- sums and blends ---------------------------------------------------------------------------------------------

    def _sum(self, node: Sum) -> Value:
        sign, first = node.terms[0]
        value, span = self._blend(first), first.span
        if sign == "-":
            value = building.negate(self.expression(value, span))
            span = Span(node.span.start, span.end)
        for sign, term in node.terms[1:]:
            made = building.add if sign == "+" else building.subtract
            left, right = self.expression(value, span), self.expression(self._blend(term), term.span)
            value = self.do.entrywise(made, left, span, right, term.span)
            span = span.to(term.span)
        return value

    def _blend(self, node: Blend) -> Value:
        value, span = self.product(node.products[0]), node.products[0].span
        for product in node.products[1:]:
            left, right = self._beside_hadamard(value, span), self._beside_hadamard(self.product(product), product.span)
            if node.sign == r"\otimes":
                value = self.do.bounded(building.kron(left, right), span.to(product.span))
            else:
                made = building.times if node.sign == r"\odot" else building.divide
                value = self.do.entrywise(made, left, span, right, product.span)
            span = span.to(product.span)
        return value

    # ---- products ----------------------------------------------------------------------------------------------------

    def product(self, node: Product) -> Value:
        """Factors side by side, multiplied from the left; an operator, as of a derivative, takes what stands behind it."""
        factors = node.factors
        read = operator_before(self, factors, 0) or self._number_over_number(factors) or self.factor(factors, 0)
        value, span = read.value, read.span
        while read.following < len(factors):
            factor = factors[read.following]
            check_side_by_side(self.source, factors[read.following - 1], factor, read.span, unbracketed=read.unbracketed)
            previous, read = factor.sign, operator_before(self, factors, read.following) or self.factor(factors, read.following)
            left, right = self.expression(value, span), self.expression(read.value, read.span)
            value = self._joined(previous, left, span, right, read.span)
            span = span.to(read.span)
            if previous == "/" and read.following < len(factors):
                self._check_behind_slash(factors, read, span)
        return value

    def _joined(self, sign: str, left: Expr, ls: Span, right: Expr, rs: Span) -> Expr:
        match sign:
            case "/":
                return self.do.quotient(left, ls, right, rs)
            case r"\cdot":
                return self.do.dot(left, ls, right, rs)
            case r"\times" if left.shape and right.shape:
                raise self.source.unsupported(ls.to(rs), "A cross product is not read.", r"Leave \times out for a matrix product.")
            case _:
                return self.do.product(left, ls, right, rs)

    def _number_over_number(self, factors: tuple[Factor, ...]) -> Read | None:
        """``1/2`` is one number."""
        if len(factors) < 2 or factors[1].sign != "/" or factors[0].scripts or factors[1].scripts:
            return None
        above, below = factors[0].base, factors[1].base
        if not isinstance(above, Numeral) or not isinstance(below, Numeral) or not below.value:
            return None
        span = above.span.to(below.span)
        read = Read(building.lift(above.value / below.value), span, 2, False)
        if len(factors) > 2:
            self._check_behind_slash(factors, read, span)
        return read

    def _check_behind_slash(self, factors: tuple[Factor, ...], read: Read, span: Span) -> None:
        """a / b c reads in two ways if c is a scalar."""
        factor = factors[read.following]
        if factor.sign == "":
            following = self.factor(factors, read.following)
            if isinstance(following.value, Expr) and not following.value.shape:
                raise self.source.unreadable(
                    span.to(following.span), "What stands behind the slash reads in two ways.", r"Write \frac{..}{..}, or brackets."
                )

    # ---- factors -----------------------------------------------------------------------------------------------------

    def factor(self, factors: tuple[Factor, ...], i: int) -> Read:
        """The factor at ``i``, with its argument if it is a function."""
        heads: list[tuple[Head, tuple[Marks, ...], Span]] = []
        start = factors[i].span
        while True:
            factor = factors[i]
            following = factors[i + 1] if i + 1 < len(factors) and not factors[i + 1].sign else None
            argument = following.base if following and isinstance(following.base, Group) else None
            if following and argument and argument.kind == "indicator" and self._is_indicator(factor):
                value = building.known_elementwise("step")(self._inside(argument.parts[0]))
                value = self._acted_on(value, following, factor.span.to(argument.span))
                return self._with_heads(heads, Read(value, start.to(following.span), i + 2, bool(heads)))
            meaning = self._meaning(factor)
            bracketed = argument is not None and argument.kind in BRACKETS
            if isinstance(meaning.head, OpenMap) and not bracketed and any(mark.above for mark in meaning.marks):
                meaning = replace(meaning, value=self.do.without_argument(meaning.head, factor.span))
            if meaning.value is not None and any(mark.above for mark in meaning.marks):
                meaning = replace(meaning, head=None)  # U^{-1} (..) is a product, not the map at an argument
            bracketed = bracketed and not (argument and self._is_bare(factor, meaning, argument))
            if meaning.head is not None and following and argument and bracketed:
                values = [(self._inside(part), part.span) for part in argument.parts]
                span = factor.span.to(argument.span)
                value = self.acting.applied(meaning.head, meaning.marks, values, factor.span, span)
                value = self._acted_on(value, following, span)
                return self._with_heads(heads, Read(value, start.to(following.span), i + 2, False))
            if meaning.value is not None:
                value = self.acting.marked(meaning.value, meaning.marks, factor.base.span)
                if following and argument and bracketed and self._is_called(meaning, argument, value, following):
                    value = self._acted_on(value, following, start.to(argument.span))  # C(a, y) is C
                    return self._with_heads(heads, Read(value, start.to(following.span), i + 2, False))
                return self._with_heads(heads, Read(value, start.to(factor.span), i + 1, bool(heads)))
            assert meaning.head is not None
            if following is None or not isinstance(meaning.head, Operation):
                if heads:
                    self.expression(meaning.head, factor.span)
                return Read(self.acting.other_function(meaning.head, meaning.marks, factor.span), factor.span, i + 1, False)
            heads.append((meaning.head, meaning.marks, factor.span))
            i += 1

    def _acted_on(self, value: Expr, following: Factor, span: Span) -> Expr:
        """A value at its argument, with the scripts behind the argument."""
        return self.acting.marked(value, tuple(map(self.names.marks, following.scripts)), span)

    def _with_heads(self, heads: list[tuple[Head, tuple[Marks, ...], Span]], read: Read) -> Read:
        """A factor with the operations that stand before it without brackets; ``\\ln \\det`` is one."""
        value = read.value
        for head, marks, span in reversed(heads):
            assert isinstance(value, Expr)
            if isinstance(head, Operation) and head.name == "log" and isinstance(value, Determinant) and not marks:
                value = building.logdet(value.argument)
            else:
                value = self.acting.applied(head, marks, [(value, Span(span.end, read.span.end))], span, span.to(read.span))
        return read._replace(value=value)

    def _is_called(self, meaning: Meaning, argument: Group, value: Expr, following: Factor) -> bool:
        """Whether what stands in brackets behind a named quantity are its arguments, and no factor.

        One that was defined with arguments takes just these; of another one several are dropped that it rests on, and where the scope
        says so a single one, unless an array may be multiplied by it, as g by (x)^T.
        """
        if not all(isinstance(self.values[id(part)], Expr) for part in argument.parts):
            return False
        found = [self._inside(part) for part in argument.parts]
        if meaning.called is not None:
            if found != [self.scope.quantities.get(key) for key in meaning.called]:
                taken = ", ".join(key.plain if isinstance(key, names.Key) else "a derivative" for key in meaning.called)
                claim = f"{self.source.piece(argument.span)} are not the arguments of the definition, which are ({taken})."
                raise self.source.unreadable(argument.span, claim, r"Write \cdot for a product, or declare a function.")
            return True
        if not isinstance(meaning.value, Let) or (len(found) < 2 and not self.scope.takes_all):
            return False
        if len(found) < 2 and not isinstance(found[0], Symbol | Let):
            return False
        below = set(named([meaning.value.definition]).values())
        return all(part in below for part in found) and (len(found) > 1 or not self._conform(value, found[0], following))

    def _conform(self, value: Expr, inside: Expr, following: Factor) -> bool:
        """Whether an array has a product with the array in the brackets behind it."""
        try:
            factor = self._acted_on(inside, following, following.span)
        except MatcalcError:
            return False
        return bool(value.shape and factor.shape) and rows_and_columns(value.shape)[1] == rows_and_columns(factor.shape)[0]

    def _is_indicator(self, factor: Factor) -> bool:
        return isinstance(factor.base, Name) and factor.base.stem == "1" and factor.base.styled and not factor.scripts

    def _meaning(self, factor: Factor) -> Meaning:
        base = factor.base
        if isinstance(base, Name):
            return self.names.meaning(base, factor.scripts)
        marks = tuple(self.names.marks(each) for each in factor.scripts)
        if isinstance(base, Numeral) and any(mark.above is not None and mark.above.transposed for mark in marks):
            raise no_transpose_of_a_number(self.source, factor)
        if isinstance(base, Operator):
            return Meaning(None, self._operator(base), marks)
        twice = doubly_barred(base)
        if isinstance(base, Group) and (base.kind == r"\|" or (twice is not None and self._inside(twice.parts[0]).shape)):
            below = marks[0].below if marks else None
            which = names.script_text(self.tokens, *below) if below else ""
            value = self.do.norm(self._inside((twice or base).parts[0]), which, base.span)
            return Meaning(value, None, (replace(marks[0], below=None), *marks[1:]) if marks else ())
        if isinstance(base, Group) and base.kind in (r"\underbrace", r"\overbrace"):
            under = base.kind == r"\underbrace"
            first = [replace(m, below=None) if under else replace(m, above=None) for m in marks[:1]]
            return Meaning(self._inside(base.parts[0]), None, (*first, *marks[1:]))
        found = self._base(base)
        slopes = self._slopes(found) if marks and not marks[0].primes else None
        if slopes is not None:
            found = self.expression(found, base.span)
        return Meaning(found, None, marks) if isinstance(found, Expr) else Meaning(None, found, marks)

    def _operator(self, base: Operator) -> Head:
        declared = self.scope.functions.get(names.Key(base.name))
        if declared is not None:
            return declared
        if operation_named(base.name) is None:
            known = [*OPERATIONS, *KNOWN_FUNCTIONS, *self.scope.plain_names()]
            raise self.source.unknown(base.span, f"{base.name} is neither declared nor a known operation.", base.name, known)
        return operation(base.name)

    def _base(self, base: Base) -> Value:
        """What stands by itself: a number, a group, a fraction."""
        match base:
            case Numeral(value=value):
                return building.lift(value)
            case Group():
                return self._group(base)
            case Ratio(above=above, below=below):
                return self.do.quotient(self._inside(above), above.span, self._inside(below), below.span)
            case Quotient():
                return self._quotient(base)
            case Summation():
                return self.entries.summation(base, self._inside)
            case Name() | Operator():
                raise AssertionError("names and operators have meanings of their own")
            case _:
                assert_never(base)

    def _group(self, group: Group) -> Value:
        part = group.parts[0]
        if len(group.parts) > 1:
            raise self.source.unreadable(
                group.span, "A list in brackets: only a function takes several arguments.", "Declare the function."
            )
        match group.kind:
            case "|":
                twice = doubly_barred(group)
                inside = self._inside(part) if twice is None else self.do.bars(self._inside(twice.parts[0]), twice.span)
                return self.do.bars(inside, group.span)
            case r"\sqrt":
                return self.do.root(self._inside(part), group.span)
            case "e":
                return self.do.exponential(self._inside(part), group.span)
            case "indicator":
                raise self.source.unreadable(group.span, "A comparison stands alone.", r"Write \mathbb{1}[z > 0].")
            case "{":
                size = self._one_size(part)
                return self.values[id(part)] if size is None else size
            case _:
                return self.values[id(part)]

    def _one_size(self, part: Sum) -> Expr | None:
        """Sizes side by side in braces are one size, their product."""
        blend = part.terms[0][1]
        factors = blend.products[0].factors
        if len(part.terms) > 1 or len(blend.products) > 1 or len(factors) < 2 or part.terms[0][0]:
            return None
        if any(factor.sign or not isinstance(factor.base, Name | Numeral) for factor in factors):
            return None
        meanings = [self._meaning(factor) for factor in factors]
        values = [meaning.value for meaning in meanings if meaning.value is not None and not meaning.marks]
        return size_number(values) if len(values) == len(factors) else None

    def _quotient(self, base: Quotient) -> Expr:
        """A derivative in fraction form: a declared name of one, or one that is written."""
        if base.of is None:
            raise self.source.unreadable(base.span, "This derivative does not say of what.", WAY_OUT)
        declared = self._declared_quotient(base)
        if declared is not None:
            return declared
        value = self.values[id(base.of)]
        if isinstance(value, OpenMap | MapFunction):
            return self.deriving.derivative(base, value, self.variables(base), base.span)
        return self.deriving.derivative(base, self.expression(value, base.of.span), self.variables(base), base.span)

    def _declared_quotient(self, base: Quotient) -> Expr | None:
        """The quantity whose name is this derivative, as dC/dz."""
        if base.of is None or len(base.by) > 1:
            return None
        of = names.key_of_tokens(self.tokens, *base.of_place)
        by = names.key_of_tokens(self.tokens, *base.by[0].place)
        return self.scope.quantities.get((of, by)) if of and by else None

    def variables(self, base: Quotient) -> list[Expr]:
        return [self._inside(variable.part) for variable in base.by]
