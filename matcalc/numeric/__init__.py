"""Evaluation and derivatives in NumPy, from the definitions of the operations: the independent oracle of matcalc."""

from matcalc.numeric import derivative_values as derivative_values  # fills the row of Derivative
