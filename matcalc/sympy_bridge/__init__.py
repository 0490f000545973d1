"""SymPy's matrix expressions, read and written. SymPy is imported when one of the two is first asked for."""

try:
    import sympy as sympy
except ImportError as error:
    raise ImportError(
        "from_sympy and to_sympy need SymPy, which is not installed: pip install 'matcalc-layouts[sympy]', or pip install sympy."
    ) from error
