"""Models: named definitions in LaTeX, with the shapes, functions and assumptions that they rest on."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from os import PathLike
from types import MappingProxyType
from typing import Any, final

from matcalc.errors import LayoutError, MatcalcError, ModelError, UnknownNameError, near_names
from matcalc.language.expressions import Expr, Let, Symbol
from matcalc.language.model_building import Building, Contents
from matcalc.language.model_declared import LAYOUTS
from matcalc.language.model_entries import Entries, Entry, entries_of, texts_of
from matcalc.language.model_file import entries_of_file, entries_of_text, toml_of
from matcalc.language.naming import key_or_none
from matcalc.language.operators import Tabled
from matcalc.language.reading.formula import read
from matcalc.language.reading.names import plain_of
from matcalc.language.reading.scope import Function, FunctionLike, Names, Scope, ShapeLike
from matcalc.language.sizes import Dim
from matcalc.language.text_rows import filled


@final
class Model(Tabled, Mapping[str, Expr]):
    """Named quantities, defined in LaTeX; each definition becomes a `let`, in whatever order they are written.

    A model is a mapping of names to expressions, so ``names=model`` declares all of it to `derive`, `gradients` and `parse`. Names are
    looked up plain or in any LaTeX writing.

    **Shapes**: of every definition checked as written; what is wrong in several definitions is raised at once. A shape that is
    declared for a defined name is compared with that of its definition.

    Args:
        shapes: of each name: "" a scalar, "n" a column, "1 n" a row, "m n" a matrix, or a tuple.
        definitions: texts like ``\\mathbf{z} = \\mathbf{W} \\mathbf{x}`` (also ``:=``, ``&=``), or right sides by name. The left side
            may have declared names in brackets, ``C(\\mathbf{a}, \\mathbf{y}) = ...``, which are dropped. Where the right side is a name,
            both names mean the same quantity.
        functions: of each name "elementwise", a known function as "sigmoid", "matrix", or a map {"of": ["a", "y"], "shape": ""}; it may
            be of what is defined.
        assume: assumptions, as "A symmetric"; the symbols of the model carry them.
        aliases: further names of quantities, as {"a^(0)": "x"}.
        sizes: numbers for sizes, as {"n_0": 3}, for numeric work; or a list of sizes that no shape holds.
        layout: ``numerator`` or ``denominator``, of derivatives that stand in the definitions.
        names: symbols, named quantities with all that they rest on, and sizes, as they are.

    Raises:
        ShapeError: sizes that do not conform, of every definition.
        UnknownNameError: names that nothing declares.
        DefinitionClashError: two meanings of one name.
        ReadError: a text that is no definition.
        ModelError: definitions that go in a circle, or faults of several kinds.

    Example:
        >>> import matcalc as mc
        >>> model = mc.Model(
        ...     shapes={"W": "m n", "x": "n", "b": "m", "y": "m"},
        ...     functions={"f": "elementwise"},
        ...     definitions=[
        ...         r"C = \\frac{1}{2} \\|\\mathbf{a} - \\mathbf{y}\\|^2",
        ...         r"\\mathbf{a} = f(\\mathbf{z})",
        ...         r"\\mathbf{z} = \\mathbf{W} \\mathbf{x} + \\mathbf{b}",
        ...     ],
        ... )
        >>> model["z"].definition, model[r"\\mathbf{z}"].shape
        (W x + b, (m,))
        >>> mc.derive(model["C"], "W", layout="denominator").result
        (f'(z) ⊙ (a - y)) x^T
        >>> mc.Model(shapes={"W": "m n", "x": "m"}, definitions=[r"\\mathbf{z} = W x"])
        Traceback (most recent call last):
            ...
        matcalc.errors.ShapeError: definition 1, z: W x does not conform: W is (m, n), x is (m,); n and m differ.
            \\mathbf{z} = W x
                         ^^^
            If the rows of W were meant, write (W)^\\top x; else declare sizes that agree.
    """

    __slots__ = ("_contents", "_quantities")
    _contents: Contents
    _quantities: Mapping[str, Expr]

    def __init__(
        self,
        shapes: Mapping[str, ShapeLike] | None = None,
        definitions: Iterable[str] | Mapping[str, str] = (),
        functions: Mapping[str, FunctionLike] | None = None,
        assume: Iterable[str] = (),
        *,
        aliases: Mapping[str, str] | None = None,
        sizes: Mapping[str, int] | Iterable[str] | None = None,
        layout: str | None = None,
        names: Names | None = None,
    ) -> None:
        entries = Entries(
            shapes=entries_of(shapes, "shapes", "The shape of {}".format),
            functions=entries_of(functions, "functions", "The function {}".format),
            definitions=(
                entries_of(definitions, "definitions", "The definition of {}".format)
                if isinstance(definitions, Mapping)
                else texts_of(definitions, "definitions")
            ),
            aliases=entries_of(aliases, "aliases", "The alias {}".format),
            sizes=(
                entries_of(sizes, "sizes", "The size {}".format)
                if sizes is None or isinstance(sizes, Mapping)
                else tuple(Entry(e.value, None, e.place) for e in texts_of(sizes, "sizes"))
            ),
            assume=texts_of(assume, "assume"),
            names=names,
            layout=None if layout is None else Entry("layout", layout, "layout"),
        )
        self._hold(Building(entries).contents())

    def _hold(self, contents: Contents) -> None:
        quantities: dict[str, Expr] = {**contents.symbols, **contents.definitions}
        quantities = {**quantities, **contents.maps, **quantities}
        quantities |= {name: quantities[of] for name, of in contents.aliases.items()}
        object.__setattr__(self, "_contents", contents)
        object.__setattr__(self, "_quantities", MappingProxyType(quantities))

    def __setattr__(self, name: str, value: object) -> None:
        raise AttributeError(f"A model does not change: make another one instead of setting {name}.")

    # ---- files -------------------------------------------------------------------------------------------------------

    @classmethod
    def from_toml(cls, path: str | PathLike[str]) -> Model:
        """The model that a TOML file holds: see `matcalc.language.model_file` for its tables.

        Raises:
            MatcalcError: the file cannot be read, or the model has faults; each with the number of its line.

        Example:
            >>> import matcalc as mc
            >>> mc.Model.from_toml("nowhere.toml")
            Traceback (most recent call last):
                ...
            matcalc.errors.ModelError: nowhere.toml: there is no such file.
        """
        return _restored(Building(entries_of_file(path)).contents())

    @classmethod
    def from_toml_text(cls, text: str, *, name: str = "TOML") -> Model:
        """The model that a text in TOML writes; ``name`` is what errors call the text.

        Example:
            >>> import matcalc as mc
            >>> text = '''
            ... definitions = ['\\\\mathbf{z} = \\\\mathbf{W} \\\\mathbf{x}']
            ... [shapes]
            ... W = "m n"
            ... x = "n"
            ... '''
            >>> mc.Model.from_toml_text(text)
            Model(symbols: W, x; definitions: z)
        """
        return _restored(Building(entries_of_text(text, name)).contents())

    def to_toml(self) -> str:
        """The model as a text in TOML, from which `from_toml_text` makes an equal one.

        Raises:
            UnsupportedError: it holds what has no writing there, as a function with primes.
        """
        return toml_of(self._contents)

    # ---- what it holds -----------------------------------------------------------------------------------------------

    @property
    def symbols(self) -> Mapping[str, Symbol]:
        """The declared scalars, vectors, rows and matrices, by plain name."""
        return MappingProxyType(self._contents.symbols)

    @property
    def definitions(self) -> Mapping[str, Let]:
        """The named quantities, by plain name, in the order written."""
        return MappingProxyType(self._contents.definitions)

    @property
    def aliases(self) -> Mapping[str, str]:
        """Further names of quantities, each with the name that it stands for."""
        return MappingProxyType(self._contents.aliases)

    @property
    def functions(self) -> Mapping[str, Function]:
        """The declared functions, by plain name."""
        return MappingProxyType(self._contents.functions)

    @property
    def assumptions(self) -> tuple[str, ...]:
        """The assumptions, as they were written."""
        return self._contents.assumptions

    @property
    def layout(self) -> str | None:
        """The layout of the derivatives that stand in the definitions; None where it was not told."""
        return self._contents.layout

    @property
    def dims(self) -> tuple[Dim, ...]:
        """The symbolic sizes."""
        return self._contents.dims

    @property
    def sizes(self) -> dict[str, int]:
        """The numbers that were given for sizes, as ``evaluate`` and ``verify`` take them."""
        return dict(self._contents.sizes)

    @property
    def names(self) -> tuple[str, ...]:
        """Every name that can be looked up, plain, aliases included."""
        return tuple(self._quantities)

    @property
    def scope(self) -> Scope:
        """What the reader of formulas is given."""
        return self._contents.scope

    def __getitem__(self, name: str) -> Expr:
        found = self._found(name)
        if found is None:
            shown = plain_of(name) if isinstance(name, str) and key_or_none(name) is not None else str(name)
            raise UnknownNameError(f"The model names nothing {shown!r}. {near_names(shown, self._quantities)}")
        return found

    def _found(self, name: object) -> Expr | None:
        if not isinstance(name, str):
            return None
        key = key_or_none(name)
        if name in self._quantities or key is None:
            return self._quantities.get(name)
        found = self.scope.quantities.get(key)
        return found if found is not None else self.scope.applied.get(key)

    def get(self, name: str, default: Any = None) -> Any:
        """The quantity of that name, or ``default``."""
        found = self._found(name)
        return default if found is None else found

    def __contains__(self, name: object) -> bool:
        return self._found(name) is not None

    def __iter__(self) -> Iterator[str]:
        return iter(self._quantities)

    def __len__(self) -> int:
        return len(self._quantities)

    # ---- formulas ----------------------------------------------------------------------------------------------------

    def read(self, latex: str, *, layout: str | None = None, reading: str | None = None) -> Expr:
        """The expression that a formula in LaTeX writes with the names of the model.

        Args:
            latex: one formula.
            layout: of the derivatives in it.
            reading: ``jacobian`` reads a derivative with more than two axes as that by vec, as `parse` does.

        Example:
            >>> import matcalc as mc
            >>> model = mc.Model(shapes={"W": "m n", "x": "n"}, definitions=[r"\\mathbf{z} = \\mathbf{W} \\mathbf{x}"])
            >>> model.read(r"\\mathbf{z}^\\top \\mathbf{z}")
            z^T z
        """
        if layout is not None and layout not in LAYOUTS:
            raise LayoutError(f"{layout!r} is not a layout. {near_names(str(layout), LAYOUTS)}")
        if reading not in (None, "jacobian"):
            raise MatcalcError(f"{reading!r} is no reading of a derivative with three axes. {near_names(str(reading), ('jacobian',))}")
        return read(latex, replace(self.scope, layout=layout, by_vec=reading == "jacobian"))

    def evaluate(self, of: str | Expr, values: Mapping[str, Any], *, sizes: Any = None, functions: Any = None) -> Any:
        """The value of a quantity or a formula at given data, as a 2-D float64 array.

        Args:
            of: an expression, a name, or a formula in LaTeX.
            values: by name; an alias will do.
            sizes: numbers of sizes that no array tells; those of the model serve too.
            functions: of each unknown function itself and its derivatives, as `evaluate` of an expression takes them.

        Example:
            >>> import matcalc as mc
            >>> model = mc.Model(shapes={"x": "n"}, definitions=[r"c = \\mathbf{x}^\\top \\mathbf{x}"], aliases={"a^(0)": "x"})
            >>> model.evaluate("c", {"a^(0)": [1, 2, 3]})
            array([[14.]])
        """
        found: dict[str, Any] = {}
        for name, value in values.items():
            quantity = self[name]
            plain = quantity.name if isinstance(quantity, Symbol | Let) else name
            if plain in found:
                raise ModelError(f"{name} is given twice: it is another name of {plain}.")
            found[plain] = value
        asked = of if isinstance(of, Expr) else self._found(of)
        formula = self.read(str(of)) if asked is None else asked
        return formula.evaluate(found, sizes={**self.sizes, **(sizes or {})}, functions=functions)

    # ---- comparing and showing ---------------------------------------------------------------------------------------

    def _parts(self) -> tuple[Any, ...]:
        c = self._contents
        return (c.symbols, c.definitions, c.aliases, c.maps, c.functions, set(c.dims), c.sizes, set(c.assumptions), c.layout)

    def __eq__(self, other: object) -> bool:
        return self._parts() == other._parts() if isinstance(other, Model) else NotImplemented

    def __hash__(self) -> int:
        return hash((frozenset(self._contents.symbols.items()), frozenset(self._contents.definitions.items())))

    def __reduce__(self) -> tuple[Any, ...]:
        return _restored, (self._contents,)

    def __repr__(self) -> str:
        c = self._contents
        parts = {"symbols": c.symbols, "definitions": c.definitions, "functions": c.functions}
        shown = [f"{what}: {', '.join(names)}" for what, names in parts.items() if names]
        shown += [f"aliases: {', '.join(f'{name} = {of}' for name, of in c.aliases.items())}"] if c.aliases else []
        return "\n".join(filled(f"Model({'; '.join(shown)})"))


def _restored(contents: Contents) -> Model:
    """The model that holds these contents."""
    made = Model.__new__(Model)
    made._hold(contents)
    return made
