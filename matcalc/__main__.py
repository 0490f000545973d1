"""``python -m matcalc`` is the ``matcalc`` command."""

from matcalc.cli import main

main()
