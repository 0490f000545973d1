"""What Python's operators mean on expressions and sizes, and the table of methods that later layers fill.

`Written` carries the operators. Each looks its meaning up in `OPERATIONS`, which the modules of the language fill
when they are imported; `METHODS` is filled by the later layers (printing, evaluating, deriving), some of them only when
one of their methods is first used.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from fractions import Fraction
from importlib import import_module
from types import ModuleType
from typing import TYPE_CHECKING, Any, TypeAlias, final

if TYPE_CHECKING:
    from matcalc.language.expression import Expr

Numeric: TypeAlias = int | float | Fraction


@final
class Methods(dict[str, Callable[..., Any]]):
    """Meanings by name; one that `register_lazy` announced is entered when its module is first needed."""

    def __init__(self) -> None:
        super().__init__()
        self.modules: dict[str, str] = {}

    def __missing__(self, name: str) -> Callable[..., Any]:
        if name not in self.modules:
            raise KeyError(f"No module gives a meaning to {name!r}.")
        import_module(self.modules[name])
        if name not in self:
            raise KeyError(f"{self.modules[name]} gives no meaning to {name!r}.")
        return self[name]


def module_named(name: str) -> ModuleType:
    """A module, imported now if it was not before."""
    return import_module(name)


def named_in(module: str, name: str) -> Any:
    """What a module calls so; the module is imported now, if it was not before."""
    return getattr(import_module(module), name)


_ARITHMETIC = {"add": "add", "subtract": "subtract", "multiply": "times", "divide": "divide", "matmul": "matmul"}
_NO_NUMPY = (
    "numpy.{0} does not take an expression. Write it with matcalc: A @ B, A * B (Hadamard), mc.exp(x), mc.sum(x); "
    "or take numbers with .evaluate({{...}})."
)

OPERATIONS: dict[str, Callable[..., Any]] = {}
METHODS = Methods()


def register_lazy(table: Methods, modules: Mapping[str, str]) -> None:
    """Announce for each name the module that registers its meaning; a second one is refused."""
    for name, module in modules.items():
        if table.modules.setdefault(name, module) != module:
            raise ValueError(f"{name!r} is given by {table.modules[name]} already.")


def register(table: dict[str, Callable[..., Any]], name: str, meaning: Callable[..., Any]) -> None:
    """Enter a meaning under a name; a second entry is refused."""
    if name in table:
        raise ValueError(f"{name!r} has a meaning already.")
    table[name] = meaning


class Written:
    """What can be written with operators: an expression, or a size used as a number."""

    __slots__ = ()

    def __array_ufunc__(self, ufunc: Any, method: str, *inputs: Any, **options: Any) -> Any:
        """A number of NumPy on the left counts as a number; any other use in NumPy is refused, with the way out."""
        left, right = (*inputs, None)[:2]
        name = _ARITHMETIC.get(ufunc.__name__)
        if method == "__call__" and name and len(inputs) == 2 and not options and not getattr(left, "shape", ()):
            return OPERATIONS[name](left, right)
        raise TypeError(_NO_NUMPY.format(ufunc.__name__))

    def __array_function__(self, function: Any, types: Any, arguments: Any, options: Any) -> Any:
        raise TypeError(_NO_NUMPY.format(function.__name__))

    def __array__(self, *arguments: Any, **options: Any) -> Any:
        raise TypeError(_NO_NUMPY.format("asarray"))

    def __add__(self, other: Written | Numeric) -> Expr:
        return OPERATIONS["add"](self, other)  # type: ignore[no-any-return]

    def __radd__(self, other: Numeric) -> Expr:
        return OPERATIONS["add"](other, self)  # type: ignore[no-any-return]

    def __sub__(self, other: Written | Numeric) -> Expr:
        return OPERATIONS["subtract"](self, other)  # type: ignore[no-any-return]

    def __rsub__(self, other: Numeric) -> Expr:
        return OPERATIONS["subtract"](other, self)  # type: ignore[no-any-return]

    def __mul__(self, other: Written | Numeric) -> Expr:
        return OPERATIONS["times"](self, other)  # type: ignore[no-any-return]

    def __rmul__(self, other: Numeric) -> Expr:
        return OPERATIONS["times"](other, self)  # type: ignore[no-any-return]

    def __matmul__(self, other: Written | Numeric) -> Expr:
        return OPERATIONS["matmul"](self, other)  # type: ignore[no-any-return]

    def __rmatmul__(self, other: Numeric) -> Expr:
        return OPERATIONS["matmul"](other, self)  # type: ignore[no-any-return]

    def __truediv__(self, other: Written | Numeric) -> Expr:
        return OPERATIONS["divide"](self, other)  # type: ignore[no-any-return]

    def __rtruediv__(self, other: Numeric) -> Expr:
        return OPERATIONS["divide"](other, self)  # type: ignore[no-any-return]

    def __pow__(self, exponent: Written | Numeric) -> Expr:
        return OPERATIONS["power"](self, exponent)  # type: ignore[no-any-return]

    def __neg__(self) -> Expr:
        return OPERATIONS["negate"](self)  # type: ignore[no-any-return]


class Typeset:
    """What a notebook sets as a formula, by its ``latex`` method, and what IPython's terminal prints in lines where one is too long."""

    __slots__ = ()

    def __init_subclass__(cls, **options: Any) -> None:
        super().__init_subclass__(**options)
        cls._repr_pretty_ = Typeset._repr_pretty_  # type: ignore[method-assign]  # IPython takes it of the class that has __repr__ only

    def _repr_latex_(self) -> str | None:
        return METHODS["typeset"](self)  # type: ignore[no-any-return]

    def _repr_pretty_(self, printer: Any, cycle: bool) -> None:
        METHODS["pretty"](self, printer, cycle)


class Tabled:
    """What a notebook shows as a table, with formulas in it."""

    __slots__ = ()

    def _repr_html_(self) -> str:
        return METHODS["html"](self)  # type: ignore[no-any-return]


class Drawable:
    """What figures can be drawn of."""

    __slots__ = ()

    def figure(self, kind: str, **options: Any) -> Any:
        """A figure of this, such as ``shape_blocks``: see `matcalc.figures`.

        Args:
            kind: its name; one that does not exist raises an error that lists all.
            options: ``style="slide"``, ``sizes={...}``, and what else that figure takes.
        """
        return METHODS["figure"](self, kind, **options)


class Computable:
    """What code can be generated for: an expression, a derivation, an index form."""

    __slots__ = ()

    @property
    def numpy_source(self) -> str:
        """The text of a function that computes this from NumPy, JAX or PyTorch arrays: see `matcalc.to_numpy`."""
        return METHODS["numpy_source"](self)  # type: ignore[no-any-return]

    def to_numpy(self, *, name: str | None = None, sizes: Any = None) -> Any:
        """The function that `numpy_source` is the text of: see `matcalc.to_numpy`."""
        return METHODS["to_numpy"](self, name=name, sizes=sizes)
