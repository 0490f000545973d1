"""Right lines of derivations, in the notations of textbooks, courses and notes: none of them may be called wrong.

Each is checked by `tests.check.worlds`. A line begins with its layout: n, d, m (mixed), or i where it does not depend on one.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import final

from tests.check.settings import Setting

LAYOUTS = {"n": "numerator", "d": "denominator", "m": "mixed", "i": None}


@final
@dataclass(frozen=True)
class RightLine:
    """A right line.

    Attributes:
        setting: what it is about.
        layout: of its derivatives; None where it does not depend on one.
        latex: a chain of equalities.
    """

    setting: Setting
    layout: str | None
    latex: str

    def __str__(self) -> str:
        return f"{self.setting.name}, {self.layout}: {self.latex}"


NETWORK = Setting("network", network={"widths": (5, 4, 3, 2), "activation": "f", "loss": "half_mse"})
NETWORK_LINES = r"""
d \frac{\partial C}{\partial \mathbf{a}^{(L)}} = \frac{1}{N_L} (\mathbf{a}^{(L)} - \mathbf{y})
n \frac{\partial C}{\partial \mathbf{a}^{(L)}} = \frac{1}{N_L} (\mathbf{a}^{(L)} - \mathbf{y})^T
m \frac{\partial C}{\partial \mathbf{a}^{(L)}} = \frac{1}{n_L} \left(\mathbf{a}^{(L)} - \mathbf{y}\right)
d \frac{\partial C}{\partial \mathbf{z}^{(L)}} = \frac{\partial \mathbf{a}^{(L)}}{\partial \mathbf{z}^{(L)}} \frac{\partial C}{\partial \mathbf{a}^{(L)}} = \frac{1}{N_L} f'(\mathbf{z}^{(L)}) \odot (\mathbf{a}^{(L)} - \mathbf{y})
n \frac{\partial C}{\partial \mathbf{z}^{(L)}} = \frac{\partial C}{\partial \mathbf{a}^{(L)}} \frac{\partial \mathbf{a}^{(L)}}{\partial \mathbf{z}^{(L)}} = \frac{1}{N_L} (\mathbf{a}^{(L)} - \mathbf{y})^T \mathrm{diag}(f'(\mathbf{z}^{(L)}))
m \frac{\partial C}{\partial \mathbf{z}^{(L)}} = \left(\frac{\partial \mathbf{a}^{(L)}}{\partial \mathbf{z}^{(L)}}\right)^\top \frac{\partial C}{\partial \mathbf{a}^{(L)}}
d \frac{\partial \mathbf{a}^{(l)}}{\partial \mathbf{z}^{(l)}} = \operatorname{diag}(f'(\mathbf{z}^{(l)}))
d \frac{\partial \mathbf{z}^{(l+1)}}{\partial \mathbf{a}^{(l)}} = (\mathbf{W}^{(l+1)})^T
n \frac{\partial \mathbf{z}^{(l)}}{\partial \mathbf{a}^{(l-1)}} = \mathbf{W}^{(l)}
m \frac{\partial \mathbf{z}^{(l)}}{\partial \mathbf{a}^{(l-1)}} = \mathbf{W}^{(l)}
d \frac{\partial \mathbf{z}^{(l+1)}}{\partial \mathbf{z}^{(l)}} = \frac{\partial \mathbf{a}^{(l)}}{\partial \mathbf{z}^{(l)}} \frac{\partial \mathbf{z}^{(l+1)}}{\partial \mathbf{a}^{(l)}} = \mathrm{diag}(f'(\mathbf{z}^{(l)})) (\mathbf{W}^{(l+1)})^T
n \frac{\partial \mathbf{z}^{(l+1)}}{\partial \mathbf{z}^{(l)}} = \mathbf{W}^{(l+1)} \operatorname{diag}(f'(\mathbf{z}^{(l)}))
m \frac{\partial \mathbf{z}^{(l+1)}}{\partial \mathbf{z}^{(l)}} = \frac{\partial \mathbf{z}^{(l+1)}}{\partial \mathbf{a}^{(l)}} \frac{\partial \mathbf{a}^{(l)}}{\partial \mathbf{z}^{(l)}}
d \delta^{(L)} = \frac{1}{N_L} (\mathbf{a}^{(L)} - \mathbf{y}) \odot f'(\mathbf{z}^{(L)})
d \boldsymbol{\delta}^{(l)} = (\mathbf{W}^{(l+1)})^T \boldsymbol{\delta}^{(l+1)} \odot f'(\mathbf{z}^{(l)})
d \boldsymbol{\delta}^{(l)} = \left((\mathbf{W}^{(l+1)})^\top \boldsymbol{\delta}^{(l+1)}\right) \odot f'(\mathbf{z}^{(l)})
d \boldsymbol\delta^{(l)} = \mathrm{diag}(f'(\mathbf{z}^{(l)})) \mathbf{W}^{(l+1)\top} \boldsymbol\delta^{(l+1)}
n \boldsymbol{\delta}^{(l)} = \boldsymbol{\delta}^{(l+1)} \mathbf{W}^{(l+1)} \mathrm{diag}(f'(\mathbf{z}^{(l)}))
n \delta^{(l)} = \left(\delta^{(l+1)} W^{(l+1)}\right) \odot f'(z^{(l)})^T
m \delta^{(l)} = (W^{(l+1)})^T \delta^{(l+1)} \odot f'(z^{(l)})
d \frac{\partial C}{\partial \mathbf{W}^{(l)}} = \boldsymbol{\delta}^{(l)} (\mathbf{a}^{(l-1)})^T
n \frac{\partial C}{\partial \mathbf{W}^{(l)}} = \mathbf{a}^{(l-1)} \boldsymbol{\delta}^{(l)}
m \frac{\partial C}{\partial \mathbf{W}^{(l)}} = \boldsymbol{\delta}^{(l)} \mathbf{a}^{(l-1)\top}
d \frac{\partial C}{\partial \mathbf{b}^{(l)}} = \boldsymbol{\delta}^{(l)}
n \frac{\partial C}{\partial \mathbf{b}^{(l)}} = \frac{\partial C}{\partial \mathbf{z}^{(l)}} = \frac{\partial C}{\partial \mathbf{a}^{(l)}} \mathrm{diag}(f'(\mathbf{z}^{(l)}))
d \frac{\partial C}{\partial \mathbf{W}^{(L)}} = \frac{\partial \mathbf{a}^{(L)}}{\partial \mathbf{z}^{(L)}} \frac{\partial C}{\partial \mathbf{a}^{(L)}} \frac{\partial \mathbf{z}^{(L)}}{\partial \mathbf{W}^{(L)}} = \frac{1}{N_L} \mathrm{diag}(f'(\mathbf{z}^{(L)})) (\mathbf{a}^{(L)} - \mathbf{y}) (\mathbf{a}^{(L-1)})^T
n \frac{\partial C}{\partial \mathbf{W}^{(L)}} = \frac{1}{N_L} \mathbf{a}^{(L-1)} (\mathbf{a}^{(L)} - \mathbf{y})^T \mathrm{diag}(f'(\mathbf{z}^{(L)}))
n \frac{\partial C}{\partial \mathbf{W}^{(L)}} = \frac{\partial C}{\partial \mathbf{a}^{(L)}} \frac{\partial \mathbf{a}^{(L)}}{\partial \mathbf{z}^{(L)}} \frac{\partial \mathbf{z}^{(L)}}{\partial \mathbf{W}^{(L)}}
d \frac{\partial C}{\partial \mathbf{W}^{(L-1)}} = \frac{\partial \mathbf{a}^{(L-1)}}{\partial \mathbf{z}^{(L-1)}} \frac{\partial \mathbf{z}^{(L)}}{\partial \mathbf{a}^{(L-1)}} \frac{\partial \mathbf{a}^{(L)}}{\partial \mathbf{z}^{(L)}} \frac{\partial C}{\partial \mathbf{a}^{(L)}} \frac{\partial \mathbf{z}^{(L-1)}}{\partial \mathbf{W}^{(L-1)}}
n \frac{\partial C}{\partial \mathbf{a}^{(L-1)}} = \frac{\partial C}{\partial \mathbf{a}^{(L)}} \frac{\partial \mathbf{a}^{(L)}}{\partial \mathbf{z}^{(L)}} \frac{\partial \mathbf{z}^{(L)}}{\partial \mathbf{a}^{(L-1)}}
d \nabla_{\mathbf{x}} C = (\mathbf{W}^{(1)})^T \delta^{(1)}
n \nabla_{\mathbf{x}} C = (\mathbf{W}^{(1)})^T (\delta^{(1)})^T
m \nabla_{\mathbf{W}^{(l)}} C = \delta^{(l)} (\mathbf{a}^{(l-1)})^T
d \nabla_{a^{(l)}} C = (W^{(l+1)})^T \operatorname{diag}(f'(z^{(l+1)})) \nabla_{a^{(l+1)}} C
d \frac{\partial C}{\partial \mathbf{x}} = (\mathbf{W}^{(1)})^T \mathrm{diag}(f'(\mathbf{z}^{(1)})) \frac{\partial C}{\partial \mathbf{a}^{(1)}}
n \frac{\partial C}{\partial \mathbf{x}} = \frac{\partial C}{\partial \mathbf{z}^{(1)}} \frac{\partial \mathbf{z}^{(1)}}{\partial \mathbf{x}} = \frac{\partial C}{\partial \mathbf{z}^{(1)}} \mathbf{W}^{(1)}
i \frac{\partial C}{\partial a^{(L)}_i} = \frac{1}{N_L} (a^{(L)}_i - y_i)
i \frac{\partial C}{\partial W^{(L)}_{ij}} = \frac{\partial C}{\partial a^{(L)}_i} \frac{\partial a^{(L)}_i}{\partial z^{(L)}_i} \frac{\partial z^{(L)}_i}{\partial W^{(L)}_{ij}} = \frac{1}{N_L} (a^{(L)}_i - y_i) f'(z^{(L)}_i) a^{(L-1)}_j
i \frac{\partial C}{\partial a^{(l)}_i} = \sum_{k} \frac{\partial C}{\partial a^{(l+1)}_k} \frac{\partial a^{(l+1)}_k}{\partial z^{(l+1)}_k} \frac{\partial z^{(l+1)}_k}{\partial a^{(l)}_i} = \sum_k \frac{\partial C}{\partial a^{(l+1)}_k} f'(z^{(l+1)}_k) W^{(l+1)}_{ki}
i \delta^{(l)}_i = f'(z^{(l)}_i) \sum_k W^{(l+1)}_{ki} \delta^{(l+1)}_k
i \delta^{(l)}_j = \sum_{i} \delta^{(l+1)}_i W^{(l+1)}_{ij} f'(z^{(l)}_j)
i \frac{\partial C}{\partial W^{(l)}_{jk}} = \delta^{(l)}_j a^{(l-1)}_k
i \frac{\partial C}{\partial b^{(l)}_i} = \delta^{(l)}_i
i \frac{\partial z^{(l+1)}_k}{\partial z^{(l)}_j} = W^{(l+1)}_{kj} f'(z^{(l)}_j)
i \frac{\partial a^{(l)}_i}{\partial a^{(l-1)}_j} = f'(z^{(l)}_i) W^{(l)}_{ij}
i z^{(l)}_i = \sum_j W^{(l)}_{ij} a^{(l-1)}_j + b^{(l)}_i
i \frac{\partial C}{\partial x_j} = \sum_i \delta^{(1)}_i W^{(1)}_{ij}
d \mathbf{z}^{(l)} = \mathbf{W}^{(l)} \mathbf{a}^{(l-1)} + \mathbf{b}^{(l)}
"""

UNKNOWN_COST = Setting(
    "layers without biases", network={"widths": (5, 4, 3, 2), "activation": ["f^1", "f^2", "f^3"], "loss": "C", "bias": False},
    bare_layers=True,
)  # fmt: skip
UNKNOWN_COST_LINES = r"""
n \frac{dC}{dz^L} = \frac{dC}{da^L} \cdot (f^L)'
n \frac{dC}{da^{L-1}} = \frac{dC}{da^L} \cdot \frac{da^L}{dz^L} \cdot \frac{dz^L}{da^{L-1}} = \frac{dC}{da^L} \cdot (f^L)' \cdot W^L
d \nabla_{a^{L-1}} C = (W^L)^T \cdot (f^L)' \cdot \nabla_{a^L} C
n \nabla_{a^{L-1}} C = (W^L)^T (f^L)' \nabla_{a^L} C
n \frac{\partial z^{L}}{\partial a^{L-1}} = W^{L}
n \frac{da^L}{dz^{L-1}} = (f^L)' \cdot W^L \cdot (f^{L-1})'
d \frac{\partial C}{\partial W^L} = ((f^L)' \cdot \nabla_{a^L} C) (a^{L-1})^T
d \delta^{L} = (f^{L})' \odot \nabla_{a^L} C
d \delta^{L-1} = (f^{L-1})' \odot (W^L)^T \delta^L
d \frac{dC}{dW^{L}} = \delta^{L} (a^{L-1})^T
n \frac{dC}{dz^{L-1}} = \frac{dC}{dz^{L}} W^{L} (f^{L-1})'
"""

ROWS = Setting("samples as rows", network={"widths": (5, 4, 3, 2), "activation": "f", "loss": "squared_error", "batch": "rows"})
ROWS_LINES = r"""
d \frac{\partial C}{\partial \mathbf{A}^{(L)}} = \frac{1}{N} (\mathbf{A}^{(L)} - \mathbf{Y})
d \frac{\partial C}{\partial \mathbf{Z}^{(L)}} = \frac{1}{N} (\mathbf{A}^{(L)} - \mathbf{Y}) \odot f'(\mathbf{Z}^{(L)})
d \frac{\partial C}{\partial \mathbf{Z}^{(l)}} = \left(\frac{\partial C}{\partial \mathbf{Z}^{(l+1)}} \mathbf{W}^{(l+1)}\right) \odot f'(\mathbf{Z}^{(l)})
d \frac{\partial C}{\partial \mathbf{W}^{(l)}} = \left(\frac{\partial C}{\partial \mathbf{Z}^{(l)}}\right)^T \mathbf{A}^{(l-1)}
n \frac{\partial C}{\partial \mathbf{W}^{(l)}} = (\mathbf{A}^{(l-1)})^T \left(\frac{\partial C}{\partial \mathbf{Z}^{(l)}}\right)^T
d \frac{\partial C}{\partial \mathbf{b}^{(l)}} = \left(\frac{\partial C}{\partial \mathbf{Z}^{(l)}}\right)^T \mathbf{1}_N
n \frac{\partial C}{\partial \mathbf{A}^{(l-1)}} = (\mathbf{W}^{(l)})^T \frac{\partial C}{\partial \mathbf{Z}^{(l)}}
d \frac{\partial C}{\partial \mathbf{A}^{(l-1)}} = \frac{\partial C}{\partial \mathbf{Z}^{(l)}} \mathbf{W}^{(l)}
d \nabla_{\mathbf{W}^{(l)}} C = (\nabla_{\mathbf{Z}^{(l)}} C)^\top \mathbf{A}^{(l-1)}
i \frac{\partial C}{\partial W^{(l)}_{ij}} = \sum_{n} \frac{\partial C}{\partial Z^{(l)}_{ni}} A^{(l-1)}_{nj}
i \frac{\partial C}{\partial b^{(l)}_j} = \sum_n \frac{\partial C}{\partial Z^{(l)}_{nj}}
"""

COLUMNS = Setting("samples as columns", network={"widths": (5, 4, 3, 2), "activation": "sigmoid", "loss": "half_mse", "batch": "columns"})
COLUMNS_LINES = r"""
d \frac{\partial C}{\partial \mathbf{A}^{(L)}} = \frac{1}{N n_L} (\mathbf{A}^{(L)} - \mathbf{Y})
d \frac{\partial C}{\partial \mathbf{W}^{(l)}} = \frac{\partial C}{\partial \mathbf{Z}^{(l)}} (\mathbf{A}^{(l-1)})^T
n \frac{\partial C}{\partial \mathbf{W}^{(l)}} = \mathbf{A}^{(l-1)} \frac{\partial C}{\partial \mathbf{Z}^{(l)}}
d \frac{\partial C}{\partial \mathbf{b}^{(l)}} = \frac{\partial C}{\partial \mathbf{Z}^{(l)}} \mathbf{1}_N
n \frac{\partial C}{\partial \mathbf{b}^{(l)}} = \mathbf{1}_N^T \frac{\partial C}{\partial \mathbf{Z}^{(l)}}
d \frac{\partial C}{\partial \mathbf{Z}^{(l)}} = (\mathbf{W}^{(l+1)})^T \frac{\partial C}{\partial \mathbf{Z}^{(l+1)}} \odot \mathbf{A}^{(l)} \odot (1 - \mathbf{A}^{(l)})
d \frac{\partial C}{\partial \mathbf{Z}^{(l)}} = \frac{\partial C}{\partial \mathbf{A}^{(l)}} \odot \sigma'(\mathbf{Z}^{(l)})
m \frac{\partial C}{\partial \mathbf{A}^{(l-1)}} = \mathbf{W}^{(l)\top} \frac{\partial C}{\partial \mathbf{Z}^{(l)}}
"""

LEAST_SQUARES = Setting(
    "least squares", shapes={"X": "N d", "w": "d", "y": "N", "lambda": "", "A": "m d", "b": "m"},
    definitions=(
        r"\mathbf{r} = \mathbf{X} \mathbf{w} - \mathbf{y}", r"J = \frac{1}{2} \|\mathbf{r}\|^2",
        r"E = \frac{1}{2N} \|\mathbf{X}\mathbf{w} - \mathbf{y}\|_2^2 + \frac{\lambda}{2} \mathbf{w}^\top \mathbf{w}",
    ),
)  # fmt: skip
LEAST_SQUARES_LINES = r"""
d \frac{\partial J}{\partial \mathbf{w}} = \mathbf{X}^\top (\mathbf{X} \mathbf{w} - \mathbf{y})
d \frac{\partial J}{\partial \mathbf{w}} = \mathbf{X}^\top \mathbf{X} \mathbf{w} - \mathbf{X}^\top \mathbf{y}
n \frac{\partial J}{\partial \mathbf{w}} = (\mathbf{X} \mathbf{w} - \mathbf{y})^\top \mathbf{X}
n \frac{\partial J}{\partial \mathbf{w}} = \mathbf{w}^T \mathbf{X}^T \mathbf{X} - \mathbf{y}^T \mathbf{X}
n \frac{\partial J}{\partial \mathbf{w}} = \frac{\partial J}{\partial \mathbf{r}} \frac{\partial \mathbf{r}}{\partial \mathbf{w}} = \mathbf{r}^T \mathbf{X}
d \nabla_{\mathbf{w}} J = \mathbf{X}^T \mathbf{r}
n \nabla_{\mathbf{w}} E = \frac{1}{N} \mathbf{X}^T (\mathbf{X} \mathbf{w} - \mathbf{y}) + \lambda \mathbf{w}
d \frac{\partial E}{\partial \mathbf{w}} = \frac{1}{N} \mathbf{X}^\top \mathbf{X} \mathbf{w} - \frac{1}{N} \mathbf{X}^\top \mathbf{y} + \lambda \mathbf{w}
d \frac{\partial E}{\partial \mathbf{w}} = \left(\frac{1}{N} \mathbf{X}^\top \mathbf{X} + \lambda \mathbf{I}_d\right) \mathbf{w} - \frac{1}{N} \mathbf{X}^\top \mathbf{y}
d \frac{\partial^2 J}{\partial \mathbf{w} \partial \mathbf{w}^\top} = \mathbf{X}^\top \mathbf{X}
d \frac{\partial^2 E}{\partial \mathbf{w} \partial \mathbf{w}^\top} = \frac{1}{N} \mathbf{X}^\top \mathbf{X} + \lambda \mathbf{I}
n dJ = (\mathbf{X} \mathbf{w} - \mathbf{y})^\top \mathbf{X} \, d\mathbf{w}
i \frac{\partial J}{\partial w_j} = \sum_i r_i X_{ij}
i \frac{\partial J}{\partial w_j} = \sum_i (\sum_k X_{ik} w_k - y_i) X_{ij}
i \frac{\partial E}{\partial w_j} = \frac{1}{N} \sum_{i=1}^{N} r_i X_{ij} + \lambda w_j
d \frac{\partial \|\mathbf{A} \mathbf{w} - \mathbf{b}\|_2^2}{\partial \mathbf{w}} = 2 \mathbf{A}^\top (\mathbf{A} \mathbf{w} - \mathbf{b})
d \frac{\partial}{\partial \mathbf{w}} \|\mathbf{w}\|^2 = 2 \mathbf{w}
n \frac{\partial}{\partial \mathbf{w}} (\mathbf{y}^T \mathbf{X} \mathbf{w}) = \mathbf{y}^T \mathbf{X}
d \frac{\partial J}{\partial \mathbf{X}} = \mathbf{r} \mathbf{w}^\top
d \frac{\partial J}{\partial \mathbf{y}} = \mathbf{y} - \mathbf{X} \mathbf{w}
d \frac{\partial J}{\partial \mathbf{w}} = \frac{\partial \mathbf{r}}{\partial \mathbf{w}} \frac{\partial J}{\partial \mathbf{r}}
m \frac{\partial J}{\partial \mathbf{w}} = \left(\frac{\partial \mathbf{r}}{\partial \mathbf{w}}\right)^T \frac{\partial J}{\partial \mathbf{r}} = \mathbf{X}^T \mathbf{r}
d \frac{\partial E}{\partial \lambda} = \frac{1}{2} \|\mathbf{w}\|^2
"""

LOGISTIC = Setting(
    "logistic regression", shapes={"X": "N d", "w": "d", "y": "N", "lambda": ""}, functions={r"\sigma": "sigmoid"},
    definitions=(
        r"\mathbf{z} = \mathbf{X} \mathbf{w}", r"\mathbf{p} = \sigma(\mathbf{z})",
        r"\mathcal{L} = -\mathbf{y}^\top \log \mathbf{p} - (1 - \mathbf{y})^\top \log(1 - \mathbf{p})",
    ),
)  # fmt: skip
LOGISTIC_LINES = r"""
d \frac{\partial \mathcal{L}}{\partial \mathbf{z}} = \mathbf{p} - \mathbf{y}
n \frac{\partial \mathcal{L}}{\partial \mathbf{z}} = (\mathbf{p} - \mathbf{y})^\top
d \frac{\partial \mathcal{L}}{\partial \mathbf{w}} = \mathbf{X}^\top (\mathbf{p} - \mathbf{y})
n \frac{\partial \mathcal{L}}{\partial \mathbf{w}} = \frac{\partial \mathcal{L}}{\partial \mathbf{z}} \frac{\partial \mathbf{z}}{\partial \mathbf{w}} = (\mathbf{p} - \mathbf{y})^\top \mathbf{X}
n \frac{\partial \mathbf{p}}{\partial \mathbf{z}} = \operatorname{diag}(\mathbf{p} \odot (1 - \mathbf{p}))
d \frac{\partial \mathbf{p}}{\partial \mathbf{w}} = \mathbf{X}^\top \operatorname{diag}(\sigma'(\mathbf{z}))
n \frac{\partial \mathbf{p}}{\partial \mathbf{w}} = \operatorname{diag}(\sigma(\mathbf{z}) \odot (1 - \sigma(\mathbf{z}))) \mathbf{X}
d \nabla_{\mathbf{w}} \mathcal{L} = \mathbf{X}^\top (\sigma(\mathbf{X} \mathbf{w}) - \mathbf{y})
d \frac{\partial^2 \mathcal{L}}{\partial \mathbf{w} \partial \mathbf{w}^\top} = \mathbf{X}^\top \operatorname{diag}(\mathbf{p} \odot (1 - \mathbf{p})) \mathbf{X}
i \frac{\partial \mathcal{L}}{\partial w_j} = \sum_i (p_i - y_i) X_{ij}
i \frac{\partial p_i}{\partial z_i} = p_i (1 - p_i)
n d\mathcal{L} = (\mathbf{p} - \mathbf{y})^\top \mathbf{X} d\mathbf{w}
"""

SOFTMAX = Setting(
    "softmax cross entropy", shapes={"W": "m n", "x": "n", "b": "m", "y": "m"}, assume=("y one-hot",),
    definitions=(
        r"\mathbf{z} = \mathbf{W} \mathbf{x} + \mathbf{b}", r"\mathbf{p} = \operatorname{softmax}(\mathbf{z})",
        r"L = -\mathbf{y}^\top \log \mathbf{p}",
    ),
)  # fmt: skip
SOFTMAX_LINES = r"""
n \frac{\partial \mathbf{p}}{\partial \mathbf{z}} = \operatorname{diag}(\mathbf{p}) - \mathbf{p} \mathbf{p}^\top
d \frac{\partial \mathbf{p}}{\partial \mathbf{z}} = \operatorname{diag}(\mathbf{p}) - \mathbf{p} \mathbf{p}^\top
d \frac{\partial L}{\partial \mathbf{z}} = \mathbf{p} - \mathbf{y}
n \frac{\partial L}{\partial \mathbf{z}} = \mathbf{p}^\top - \mathbf{y}^\top
d \frac{\partial L}{\partial \mathbf{W}} = (\mathbf{p} - \mathbf{y}) \mathbf{x}^\top
n \frac{\partial L}{\partial \mathbf{W}} = \mathbf{x} (\mathbf{p} - \mathbf{y})^\top
d \frac{\partial L}{\partial \mathbf{b}} = \frac{\partial L}{\partial \mathbf{z}} = \mathbf{p} - \mathbf{y}
d \frac{\partial L}{\partial \mathbf{x}} = \mathbf{W}^\top (\mathbf{p} - \mathbf{y})
n \frac{\partial L}{\partial \mathbf{x}} = \frac{\partial L}{\partial \mathbf{p}} \frac{\partial \mathbf{p}}{\partial \mathbf{z}} \frac{\partial \mathbf{z}}{\partial \mathbf{x}} = (\mathbf{p} - \mathbf{y})^\top \mathbf{W}
i \frac{\partial p_i}{\partial z_j} = p_i (\delta_{ij} - p_j)
i \frac{\partial L}{\partial z_i} = p_i - y_i
i \frac{\partial L}{\partial W_{ij}} = (p_i - y_i) x_j
n \frac{\partial \mathbf{p}}{\partial \mathbf{x}} = (\operatorname{diag}(\mathbf{p}) - \mathbf{p} \mathbf{p}^\top) \mathbf{W}
d \frac{\partial \mathbf{p}}{\partial \mathbf{x}} = \mathbf{W}^\top (\operatorname{diag}(\mathbf{p}) - \mathbf{p} \mathbf{p}^\top)
"""

MATRICES = Setting(
    "matrices", shapes={"A": "m n", "B": "n m", "X": "n p", "S": "n n", "x": "n", "a": "n", "b": "p", "c": "m", "Y": "n n", "alpha": ""},
    assume=("Y invertible", "det(Y) > 0"),
)  # fmt: skip
MATRICES_LINES = r"""
d \frac{\partial \operatorname{tr}(\mathbf{A} \mathbf{X} \mathbf{X}^\top \mathbf{B})}{\partial \mathbf{X}} = (\mathbf{B} \mathbf{A} + \mathbf{A}^\top \mathbf{B}^\top) \mathbf{X}
d \frac{\partial \mathbf{a}^\top \mathbf{X} \mathbf{b}}{\partial \mathbf{X}} = \mathbf{a} \mathbf{b}^\top
n \frac{\partial \mathbf{a}^\top \mathbf{X} \mathbf{b}}{\partial \mathbf{X}} = \mathbf{b} \mathbf{a}^\top
d \frac{\partial \mathbf{x}^\top \mathbf{S} \mathbf{x}}{\partial \mathbf{x}} = (\mathbf{S} + \mathbf{S}^\top) \mathbf{x}
n \frac{\partial \mathbf{x}^\top \mathbf{S} \mathbf{x}}{\partial \mathbf{x}} = \mathbf{x}^\top (\mathbf{S} + \mathbf{S}^\top)
d \frac{\partial}{\partial \mathbf{x}} \mathbf{a}^T \mathbf{x} = \mathbf{a}
n \frac{\partial \mathbf{A} \mathbf{x}}{\partial \mathbf{x}} = \mathbf{A}
d \frac{\partial \mathbf{A} \mathbf{x}}{\partial \mathbf{x}} = \mathbf{A}^T
m \frac{\partial \mathbf{A} \mathbf{x}}{\partial \mathbf{x}} = \mathbf{A}
d \frac{\partial \det(\mathbf{Y})}{\partial \mathbf{Y}} = \det(\mathbf{Y}) (\mathbf{Y}^{-1})^\top
n \frac{\partial \ln \det(\mathbf{Y})}{\partial \mathbf{Y}} = \mathbf{Y}^{-1}
d \frac{\partial \log \det \mathbf{Y}}{\partial \mathbf{Y}} = \mathbf{Y}^{-\top}
d \frac{\partial \ln |\mathbf{Y}|}{\partial \mathbf{Y}} = (\mathbf{Y}^\top)^{-1}
d \frac{\partial \mathbf{a}^\top \mathbf{Y}^{-1} \mathbf{x}}{\partial \mathbf{Y}} = -\mathbf{Y}^{-\top} \mathbf{a} \mathbf{x}^\top \mathbf{Y}^{-\top}
n \frac{\partial \operatorname{tr}(\mathbf{Y}^{-1})}{\partial \mathbf{Y}} = -\mathbf{Y}^{-1} \mathbf{Y}^{-1}
d \frac{\partial \|\mathbf{X}\|_F^2}{\partial \mathbf{X}} = 2 \mathbf{X}
n \frac{\partial \|\mathbf{X}\|_F^2}{\partial \mathbf{X}} = 2 \mathbf{X}^\top
d \frac{\partial \operatorname{tr}(\mathbf{X}^\top \mathbf{S} \mathbf{X})}{\partial \mathbf{X}} = \mathbf{S} \mathbf{X} + \mathbf{S}^\top \mathbf{X}
d \frac{\partial \operatorname{tr}(\mathbf{A}^\top \mathbf{B}^\top)}{\partial \mathbf{B}} = \mathbf{A}^\top
d \frac{\partial \|\mathbf{x}\|}{\partial \mathbf{x}} = \frac{1}{\|\mathbf{x}\|} \mathbf{x}
d \frac{\partial \|\mathbf{x} - \mathbf{a}\|}{\partial \mathbf{x}} = \frac{\mathbf{x} - \mathbf{a}}{\|\mathbf{x} - \mathbf{a}\|}
n \frac{\partial (\mathbf{x} \odot \mathbf{a})}{\partial \mathbf{x}} = \operatorname{diag}(\mathbf{a})
n \frac{\partial \exp(\mathbf{x})}{\partial \mathbf{x}} = \operatorname{diag}(\exp(\mathbf{x}))
d \frac{\partial \mathbf{X} \mathbf{b}}{\partial \alpha} = \mathbf{0}
n \frac{\partial (\alpha \mathbf{x})}{\partial \alpha} = \mathbf{x}
d \frac{\partial (\alpha \mathbf{x})}{\partial \alpha} = \mathbf{x}^T
n \frac{\partial (\alpha \mathbf{X})}{\partial \alpha} = \mathbf{X}
d \operatorname{tr}(\mathbf{A} \mathbf{B}) = \operatorname{tr}(\mathbf{B} \mathbf{A})
n (\mathbf{A} \mathbf{S} \mathbf{X})^T = \mathbf{X}^T \mathbf{S}^T \mathbf{A}^T
d \frac{\partial \mathbf{c}^\top \mathbf{A} \mathbf{X} \mathbf{b}}{\partial \mathbf{X}} = \mathbf{A}^\top \mathbf{c} \mathbf{b}^\top
d \frac{\partial \mathbf{b}^\top \mathbf{X}^\top \mathbf{X} \mathbf{b}}{\partial \mathbf{X}} = 2 \mathbf{X} \mathbf{b} \mathbf{b}^\top
d \frac{\partial \mathbf{x}^\top \mathbf{x}}{\partial \mathbf{x}} = 2 \mathbf{x}
n \frac{\partial \mathbf{x} \mathbf{x}^\top \mathbf{a}}{\partial \mathbf{x}} = \mathbf{x}^\top \mathbf{a} \mathbf{I} + \mathbf{x} \mathbf{a}^\top
d \frac{\partial^2 \mathbf{x}^\top \mathbf{S} \mathbf{x}}{\partial \mathbf{x} \partial \mathbf{x}^\top} = \mathbf{S} + \mathbf{S}^\top
i \frac{\partial}{\partial X_{ij}} (\mathbf{a}^\top \mathbf{X} \mathbf{b}) = a_i b_j
i \frac{\partial (\mathbf{A} \mathbf{x})_i}{\partial x_j} = A_{ij}
i \operatorname{tr}(\mathbf{A} \mathbf{B}) = \sum_i \sum_j A_{ij} B_{ji}
i \frac{\partial x_i}{\partial x_j} = \delta_{ij}
"""

ATTENTION = Setting(
    "attention", shapes={"Q": "n d", "K": "m d", "V": "m p"}, functions={"L": {"of": "O", "shape": ""}},
    definitions=(
        r"\mathbf{S} = \frac{1}{\sqrt{d}} \mathbf{Q} \mathbf{K}^\top", r"\mathbf{P} = \operatorname{softmax}_{\mathrm{row}}(\mathbf{S})",
        r"\mathbf{O} = \mathbf{P} \mathbf{V}",
    ),
)  # fmt: skip
ATTENTION_LINES = r"""
d \frac{\partial L}{\partial \mathbf{V}} = \mathbf{P}^\top \frac{\partial L}{\partial \mathbf{O}}
n \frac{\partial L}{\partial \mathbf{V}} = \frac{\partial L}{\partial \mathbf{O}} \mathbf{P}
d \frac{\partial L}{\partial \mathbf{P}} = \frac{\partial L}{\partial \mathbf{O}} \mathbf{V}^\top
n \frac{\partial L}{\partial \mathbf{P}} = \mathbf{V} \frac{\partial L}{\partial \mathbf{O}}
d \frac{\partial L}{\partial \mathbf{Q}} = \frac{1}{\sqrt{d}} \frac{\partial L}{\partial \mathbf{S}} \mathbf{K}
d \frac{\partial L}{\partial \mathbf{K}} = \frac{1}{\sqrt{d}} \left(\frac{\partial L}{\partial \mathbf{S}}\right)^\top \mathbf{Q}
n \frac{\partial L}{\partial \mathbf{Q}} = \frac{1}{\sqrt{d}} \mathbf{K}^\top \frac{\partial L}{\partial \mathbf{S}}
m \nabla_{\mathbf{Q}} L = \frac{1}{\sqrt{d}} (\nabla_{\mathbf{S}} L) \mathbf{K}
d \frac{\partial L}{\partial \mathbf{Q}} = \frac{\partial L}{\partial \mathbf{S}} \mathbf{K} / \sqrt{d}
i \frac{\partial L}{\partial V_{jk}} = \sum_i P_{ij} \frac{\partial L}{\partial O_{ik}}
"""

RECURRENT = Setting(
    "a recurrent net", running={"t": (1, 3)}, last="T", functions={"f": "elementwise"},
    shapes={"W": "m m", "U": "m n", "b": "m", "h_0": "m", "x_1": "n", "x_2": "n", "x_3": "n", "y": "m"},
    definitions=(
        *(f"a_{t} = W h_{t - 1} + U x_{t} + b" for t in (1, 2, 3)), *(f"h_{t} = f(a_{t})" for t in (1, 2, 3)),
        r"\mathcal{L} = \frac{1}{2} \|h_3 - y\|^2",
    ),
)  # fmt: skip
RECURRENT_LINES = r"""
d \frac{\partial \mathcal{L}}{\partial h_3} = h_3 - y
n \frac{\partial h_t}{\partial a_t} = \operatorname{diag}(f'(a_t))
n \frac{\partial h_t}{\partial h_{t-1}} = \operatorname{diag}(f'(a_t)) W
d \frac{\partial h_t}{\partial h_{t-1}} = W^\top \operatorname{diag}(f'(a_t))
d \frac{\partial \mathcal{L}}{\partial h_{t-1}} = W^\top \left(\frac{\partial \mathcal{L}}{\partial h_t} \odot f'(a_t)\right)
n \frac{\partial \mathcal{L}}{\partial h_{t-1}} = \frac{\partial \mathcal{L}}{\partial h_t} \frac{\partial h_t}{\partial h_{t-1}}
d \frac{\partial \mathcal{L}}{\partial x_t} = U^\top \frac{\partial \mathcal{L}}{\partial a_t}
d \frac{\partial \mathcal{L}}{\partial a_{t-1}} = f'(a_{t-1}) \odot W^\top \frac{\partial \mathcal{L}}{\partial a_t}
n \frac{\partial h_3}{\partial h_1} = \frac{\partial h_3}{\partial h_2} \frac{\partial h_2}{\partial h_1} = \operatorname{diag}(f'(a_3)) W \operatorname{diag}(f'(a_2)) W
d \frac{\partial \mathcal{L}}{\partial W} = \frac{\partial \mathcal{L}}{\partial a_1} h_0^\top + \frac{\partial \mathcal{L}}{\partial a_2} h_1^\top + \frac{\partial \mathcal{L}}{\partial a_3} h_2^\top
m \frac{\partial \mathcal{L}}{\partial h_{t-1}} = \left(\frac{\partial h_t}{\partial h_{t-1}}\right)^\top \frac{\partial \mathcal{L}}{\partial h_t}
"""

SUBSCRIPTS = Setting(
    "layers as subscripts", functions={"f": "elementwise", "g": "elementwise"},
    shapes={"W_1": "h d", "W_2": "k h", "b_1": "h", "b_2": "k", "x": "d", "y": "k"},
    definitions=(
        "z_1 = W_1 x + b_1", "h = f(z_1)", "z_2 = W_2 h + b_2", r"\hat{y} = g(z_2)", r"J = \frac{1}{2} (\hat{y} - y)^\top (\hat{y} - y)",
    ),
)  # fmt: skip
SUBSCRIPTS_LINES = r"""
d \frac{\partial J}{\partial \hat{y}} = \hat{y} - y
d \frac{\partial J}{\partial z_2} = (\hat{y} - y) \odot g'(z_2)
n \frac{\partial J}{\partial z_2} = (\hat{y} - y)^\top \operatorname{diag}(g'(z_2))
d \frac{\partial J}{\partial W_2} = \left((\hat{y} - y) \odot g'(z_2)\right) h^\top
d \frac{\partial J}{\partial b_2} = \operatorname{diag}(g'(z_2)) (\hat{y} - y)
d \frac{\partial J}{\partial h} = W_2^\top \frac{\partial J}{\partial z_2}
n \frac{\partial J}{\partial h} = \frac{\partial J}{\partial z_2} W_2
d \frac{\partial J}{\partial z_1} = W_2^\top \frac{\partial J}{\partial z_2} \odot f'(z_1)
d \frac{\partial J}{\partial W_1} = \frac{\partial J}{\partial z_1} x^\top
n \frac{\partial J}{\partial W_1} = x \frac{\partial J}{\partial z_1}
d \frac{\partial J}{\partial x} = W_1^\top \operatorname{diag}(f'(z_1)) W_2^\top \operatorname{diag}(g'(z_2)) (\hat{y} - y)
n \frac{\partial J}{\partial x} = (\hat{y} - y)^\top \operatorname{diag}(g'(z_2)) W_2 \operatorname{diag}(f'(z_1)) W_1
n \frac{\partial \hat{y}}{\partial x} = \frac{\partial \hat{y}}{\partial z_2} \frac{\partial z_2}{\partial h} \frac{\partial h}{\partial z_1} \frac{\partial z_1}{\partial x}
d \frac{\partial \hat{y}}{\partial x} = \frac{\partial z_1}{\partial x} \frac{\partial h}{\partial z_1} \frac{\partial z_2}{\partial h} \frac{\partial \hat{y}}{\partial z_2}
n dJ = (\hat{y} - y)^\top d\hat{y}
n dz_2 = dW_2 h + W_2 dh + db_2
n dJ = \operatorname{tr}\left(h \frac{\partial J}{\partial z_2} dW_2\right)
m \nabla_{W_1} J = (\nabla_{z_1} J) x^\top
"""

BRACKETS = Setting(
    "layers in square brackets", functions={"g": "elementwise", r"\sigma": "sigmoid"},
    shapes={"W^{[1]}": "h d", "W^{[2]}": "k h", "b^{[1]}": "h", "b^{[2]}": "k", "x": "d", "y": "k"},
    definitions=(
        "z^{[1]} = W^{[1]} x + b^{[1]}", "a^{[1]} = g(z^{[1]})", "z^{[2]} = W^{[2]} a^{[1]} + b^{[2]}", r"a^{[2]} = \sigma(z^{[2]})",
        r"J = \frac{1}{2} \|a^{[2]} - y\|^2",
    ),
)  # fmt: skip
BRACKETS_LINES = r"""
d \frac{\partial J}{\partial z^{[2]}} = (a^{[2]} - y) \odot a^{[2]} \odot (1 - a^{[2]})
d \frac{\partial J}{\partial W^{[2]}} = \frac{\partial J}{\partial z^{[2]}} a^{[1]T}
d \frac{\partial J}{\partial z^{[1]}} = W^{[2]T} \frac{\partial J}{\partial z^{[2]}} \odot g'(z^{[1]})
d \frac{\partial J}{\partial W^{[1]}} = \frac{\partial J}{\partial z^{[1]}} x^T
d \frac{\partial J}{\partial b^{[1]}} = \frac{\partial J}{\partial z^{[1]}}
n \frac{\partial J}{\partial z^{[1]}} = \frac{\partial J}{\partial z^{[2]}} W^{[2]} \operatorname{diag}(g'(z^{[1]}))
n \frac{\partial a^{[2]}}{\partial z^{[2]}} = \operatorname{diag}(a^{[2]} \odot (1 - a^{[2]}))
m \frac{\partial J}{\partial a^{[1]}} = W^{[2]\top} \frac{\partial J}{\partial z^{[2]}}
"""

ROW_SAMPLES = Setting(
    "samples as rows, weights on the right", functions={"f": "elementwise"},
    shapes={"X": "N d", "W_1": "d h", "W_2": "h k", "b": "k", "Y": "N k"},
    definitions=(
        "Z = X W_1", "H = f(Z)", r"S = H W_2 + \mathbf{1}_N b^\top", "E = S - Y", r"L = \frac{1}{2N} \|E\|_F^2",
    ),
)  # fmt: skip
ROW_SAMPLES_LINES = r"""
d \frac{\partial L}{\partial S} = \frac{1}{N} E
n \frac{\partial L}{\partial S} = \frac{1}{N} E^\top
d \frac{\partial L}{\partial W_2} = H^\top \frac{\partial L}{\partial S} = \frac{1}{N} H^\top (S - Y)
n \frac{\partial L}{\partial W_2} = \frac{\partial L}{\partial S} H
d \frac{\partial L}{\partial H} = \frac{1}{N} E W_2^\top
d \frac{\partial L}{\partial Z} = \frac{1}{N} E W_2^\top \odot f'(Z)
d \frac{\partial L}{\partial W_1} = X^\top \left(\frac{\partial L}{\partial H} \odot f'(Z)\right)
n \frac{\partial L}{\partial W_1} = \frac{\partial L}{\partial Z} X
d \frac{\partial L}{\partial b} = \left(\frac{\partial L}{\partial S}\right)^\top \mathbf{1}_N
d \frac{\partial L}{\partial b} = \frac{1}{N} E^\top \mathbf{1}_N
n \frac{\partial L}{\partial b} = \mathbf{1}_N^\top \left(\frac{\partial L}{\partial S}\right)^\top
d \nabla_X L = \nabla_Z L \, W_1^\top
n dL = \operatorname{tr}\left(\frac{1}{N} E^\top dS\right)
n dL = \frac{1}{N} \operatorname{tr}(E^\top H dW_2)
"""

GAUSSIAN = Setting(
    "a Gaussian", shapes={"Sigma": "n n", "mu": "n", "x": "n"}, assume=("Sigma positive definite",),
    definitions=(
        r"\ell = -\frac{1}{2} \ln \det \Sigma - \frac{1}{2} (\mathbf{x} - \boldsymbol{\mu})^\top \Sigma^{-1} (\mathbf{x} - \boldsymbol{\mu})",
    ),
)  # fmt: skip
GAUSSIAN_LINES = r"""
d \frac{\partial \ell}{\partial \boldsymbol{\mu}} = \Sigma^{-1} (\mathbf{x} - \boldsymbol{\mu})
n \frac{\partial \ell}{\partial \boldsymbol{\mu}} = (\mathbf{x} - \boldsymbol{\mu})^\top \Sigma^{-1}
d \frac{\partial \ell}{\partial \mathbf{x}} = -\Sigma^{-1} (\mathbf{x} - \boldsymbol{\mu})
d \frac{\partial \ell}{\partial \Sigma} = \frac{1}{2} \Sigma^{-1} (\mathbf{x} - \boldsymbol{\mu}) (\mathbf{x} - \boldsymbol{\mu})^\top \Sigma^{-1} - \frac{1}{2} \Sigma^{-1}
d \frac{\partial^2 \ell}{\partial \boldsymbol{\mu} \partial \boldsymbol{\mu}^\top} = -\Sigma^{-1}
d \frac{\partial}{\partial \boldsymbol{\mu}} (\mathbf{x} - \boldsymbol{\mu})^\top \Sigma^{-1} (\mathbf{x} - \boldsymbol{\mu}) = -2 \Sigma^{-1} (\mathbf{x} - \boldsymbol{\mu})
"""

AUTOENCODER = Setting(
    "an autoencoder", shapes={"W": "k n", "x": "n"}, functions={"f": "elementwise"},
    definitions=("h = f(W x)", r"\hat{x} = W^\top h", r"L = \frac{1}{2} \|\hat{x} - x\|^2", "z = W x"),
)  # fmt: skip
AUTOENCODER_LINES = r"""
d \frac{\partial L}{\partial \hat{x}} = \hat{x} - x
d \frac{\partial L}{\partial h} = W (\hat{x} - x)
n \frac{\partial L}{\partial h} = (\hat{x} - x)^\top W^\top
d \frac{\partial L}{\partial W} = h (\hat{x} - x)^\top + (W (\hat{x} - x) \odot f'(W x)) x^\top
n \frac{\partial \hat{x}}{\partial h} = W^\top
n \frac{\partial L}{\partial W} = (\hat{x} - x) h^\top + x (W (\hat{x} - x) \odot f'(W x))^\top
"""

CENTRED = Setting(
    "centring and projections", shapes={"x": "n", "A": "n n", "S": "n n", "v": "n", "u": "m", "B": "m n"}, assume=("S symmetric",),
    definitions=(
        r"\mathbf{c} = \mathbf{x} - \frac{1}{n} \mathbf{1}_n \mathbf{1}_n^\top \mathbf{x}", r"V = \frac{1}{n} \mathbf{c}^\top \mathbf{c}",
        r"R = \frac{\mathbf{v}^\top \mathbf{S} \mathbf{v}}{\mathbf{v}^\top \mathbf{v}}",
    ),
)  # fmt: skip
CENTRED_LINES = r"""
n \frac{\partial \mathbf{c}}{\partial \mathbf{x}} = \mathbf{I}_n - \frac{1}{n} \mathbf{1}_n \mathbf{1}_n^\top
d \frac{\partial V}{\partial \mathbf{x}} = \frac{2}{n} \mathbf{c}
d \frac{\partial V}{\partial \mathbf{c}} = \frac{2}{n} \mathbf{c}
d \frac{\partial R}{\partial \mathbf{v}} = \frac{2}{\mathbf{v}^\top \mathbf{v}} (\mathbf{S} \mathbf{v} - R \mathbf{v})
n \frac{\partial R}{\partial \mathbf{v}} = \frac{2 \mathbf{v}^\top \mathbf{S}}{\mathbf{v}^\top \mathbf{v}} - \frac{2 R}{\mathbf{v}^\top \mathbf{v}} \mathbf{v}^\top
d \frac{\partial \mathbf{v}^\top \mathbf{S} \mathbf{v}}{\partial \mathbf{v}} = 2 \mathbf{S} \mathbf{v}
d \frac{\partial \mathbf{u}^\top \mathbf{B} \mathbf{x}}{\partial \mathbf{B}} = \mathbf{u} \mathbf{x}^\top
d \frac{\partial \|\mathbf{B} \mathbf{x} - \mathbf{u}\|^2}{\partial \mathbf{B}} = 2 (\mathbf{B} \mathbf{x} - \mathbf{u}) \mathbf{x}^\top
n \frac{\partial}{\partial \mathbf{x}} \left(\mathbf{A} \mathbf{x} + \mathbf{v}\right) = \mathbf{A}
n \frac{\partial \sin(\mathbf{A} \mathbf{x})}{\partial \mathbf{x}} = \operatorname{diag}(\cos(\mathbf{A} \mathbf{x})) \mathbf{A}
d \frac{\partial \tanh(\mathbf{A} \mathbf{x})}{\partial \mathbf{x}} = \mathbf{A}^\top \operatorname{diag}(1 - \tanh(\mathbf{A} \mathbf{x}) \odot \tanh(\mathbf{A} \mathbf{x}))
d \frac{\partial \operatorname{tr}(\mathbf{A}^\top \mathbf{A})}{\partial \mathbf{A}} = 2 \mathbf{A}
d \frac{\partial \mathbf{1}_m^\top \mathbf{B} \mathbf{x}}{\partial \mathbf{x}} = \mathbf{B}^\top \mathbf{1}_m
"""

GATES = Setting(
    "a cell with gates", functions={r"\sigma": "sigmoid"},
    shapes={"U_i": "m n", "U_o": "m n", "U_g": "m n", "x": "n", "s": "m", "y": "m", "r": "m"},
    definitions=(
        r"\mathbf{i} = \sigma(\mathbf{U}_i \mathbf{x})", r"\mathbf{o} = \sigma(\mathbf{U}_o \mathbf{x})",
        r"\mathbf{g} = \tanh(\mathbf{U}_g \mathbf{x})", r"\mathbf{c} = \mathbf{r} \odot \mathbf{s} + \mathbf{i} \odot \mathbf{g}",
        r"\mathbf{q} = \tanh(\mathbf{c})", r"\mathbf{h} = \mathbf{o} \odot \mathbf{q}", r"E = \frac{1}{2} \|\mathbf{h} - \mathbf{y}\|^2",
    ),
)  # fmt: skip
GATES_LINES = r"""
d \frac{\partial E}{\partial \mathbf{h}} = \mathbf{h} - \mathbf{y}
d \frac{\partial E}{\partial \mathbf{o}} = \frac{\partial E}{\partial \mathbf{h}} \odot \mathbf{q}
d \frac{\partial E}{\partial \mathbf{q}} = \frac{\partial E}{\partial \mathbf{h}} \odot \mathbf{o}
d \frac{\partial E}{\partial \mathbf{c}} = \frac{\partial E}{\partial \mathbf{h}} \odot \mathbf{o} \odot (1 - \mathbf{q} \odot \mathbf{q})
n \frac{\partial E}{\partial \mathbf{c}} = \frac{\partial E}{\partial \mathbf{q}} \operatorname{diag}(1 - \mathbf{q} \odot \mathbf{q})
d \frac{\partial E}{\partial \mathbf{i}} = \frac{\partial E}{\partial \mathbf{c}} \odot \mathbf{g}
d \frac{\partial E}{\partial \mathbf{s}} = \mathbf{r} \odot \frac{\partial E}{\partial \mathbf{c}}
n \frac{\partial E}{\partial \mathbf{s}} = \frac{\partial E}{\partial \mathbf{c}} \operatorname{diag}(\mathbf{r})
d \frac{\partial E}{\partial \mathbf{U}_g} = \left(\frac{\partial E}{\partial \mathbf{g}} \odot (1 - \mathbf{g} \odot \mathbf{g})\right) \mathbf{x}^\top
d \frac{\partial E}{\partial \mathbf{U}_i} = \left(\frac{\partial E}{\partial \mathbf{i}} \odot \mathbf{i} \odot (1 - \mathbf{i})\right) \mathbf{x}^\top
d \frac{\partial E}{\partial \mathbf{U}_o} = \left(\frac{\partial E}{\partial \mathbf{o}} \odot \sigma'(\mathbf{U}_o \mathbf{x})\right) \mathbf{x}^\top
n \frac{\partial \mathbf{h}}{\partial \mathbf{c}} = \operatorname{diag}(\mathbf{o} \odot (1 - \mathbf{q} \odot \mathbf{q}))
m \frac{\partial E}{\partial \mathbf{s}} = \left(\frac{\partial \mathbf{c}}{\partial \mathbf{s}}\right)^\top \frac{\partial E}{\partial \mathbf{c}}
"""

DERIVATIVES = Setting(
    "a net of two functions", functions={"f": "elementwise", r"\phi": "elementwise"},
    shapes={"V": "k h", "W": "h d", "x": "d", "t": "k", "M": "d d"},
    definitions=(
        r"\mathbf{u} = \mathbf{W} \mathbf{x}", r"\mathbf{h} = \phi(\mathbf{u})", r"\mathbf{v} = \mathbf{V} \mathbf{h}",
        r"\mathbf{o} = f(\mathbf{v})", r"\mathbf{e} = \mathbf{o} - \mathbf{t}", r"E = \frac{1}{2} \mathbf{e}^\top \mathbf{e}",
    ),
)  # fmt: skip
DERIVATIVES_LINES = r"""
d \frac{\partial E}{\partial \mathbf{v}} = f'(\mathbf{v}) \odot \mathbf{e}
n \frac{\partial E}{\partial \mathbf{v}} = \mathbf{e}^\top \operatorname{diag}(f'(\mathbf{v}))
n \frac{\partial E}{\partial \mathbf{v}} = (\mathbf{e} \odot f'(\mathbf{v}))^\top
d \frac{\partial E}{\partial \mathbf{V}} = (f'(\mathbf{v}) \odot \mathbf{e}) \mathbf{h}^\top
n \frac{\partial E}{\partial \mathbf{V}} = \mathbf{h} (f'(\mathbf{v}) \odot \mathbf{e})^\top
d \frac{\partial E}{\partial \mathbf{u}} = \phi'(\mathbf{u}) \odot \mathbf{V}^\top (f'(\mathbf{v}) \odot \mathbf{e})
d \frac{\partial E}{\partial \mathbf{W}} = \left[\phi'(\mathbf{u}) \odot \left(\mathbf{V}^\top (f'(\mathbf{v}) \odot \mathbf{e})\right)\right] \mathbf{x}^\top
d \frac{\partial E}{\partial \mathbf{x}} = \mathbf{W}^\top (\phi'(\mathbf{u}) \odot \mathbf{V}^\top (f'(\mathbf{v}) \odot \mathbf{e}))
n \frac{\partial \mathbf{o}}{\partial \mathbf{h}} = \operatorname{diag}(f'(\mathbf{v})) \mathbf{V}
n \frac{\partial \mathbf{o}}{\partial \mathbf{x}} = \operatorname{diag}(f'(\mathbf{v})) \mathbf{V} \operatorname{diag}(\phi'(\mathbf{u})) \mathbf{W}
d \frac{\partial \mathbf{o}}{\partial \mathbf{u}} = \operatorname{diag}(\phi'(\mathbf{u})) \mathbf{V}^\top \operatorname{diag}(f'(\mathbf{v}))
i \frac{\partial E}{\partial V_{ij}} = e_i f'(v_i) h_j
i \frac{\partial E}{\partial u_j} = \phi'(u_j) \sum_i e_i f'(v_i) V_{ij}
i \frac{\partial E}{\partial W_{jk}} = \sum_i e_i f'(v_i) V_{ij} \phi'(u_j) x_k
i \frac{\partial o_i}{\partial h_j} = f'(v_i) V_{ij}
i \frac{\partial E}{\partial h_j} = \sum_i \frac{\partial E}{\partial v_i} V_{ij}
d \frac{\partial^2 (\mathbf{x}^\top \mathbf{M} \mathbf{x})}{\partial \mathbf{x} \partial \mathbf{x}^\top} = \mathbf{M} + \mathbf{M}^\top
n dE = \mathbf{e}^\top \operatorname{diag}(f'(\mathbf{v})) d\mathbf{v}
n d\mathbf{h} = \phi'(\mathbf{u}) \odot d\mathbf{u}
m \frac{\partial E}{\partial \mathbf{h}} = \mathbf{V}^\top \left(\frac{\partial \mathbf{o}}{\partial \mathbf{v}}\right)^\top \mathbf{e}
"""

LISTED = (
    (NETWORK, NETWORK_LINES), (UNKNOWN_COST, UNKNOWN_COST_LINES), (ROWS, ROWS_LINES), (COLUMNS, COLUMNS_LINES),
    (LEAST_SQUARES, LEAST_SQUARES_LINES), (LOGISTIC, LOGISTIC_LINES), (SOFTMAX, SOFTMAX_LINES), (MATRICES, MATRICES_LINES),
    (ATTENTION, ATTENTION_LINES), (RECURRENT, RECURRENT_LINES), (SUBSCRIPTS, SUBSCRIPTS_LINES), (BRACKETS, BRACKETS_LINES),
    (ROW_SAMPLES, ROW_SAMPLES_LINES), (GAUSSIAN, GAUSSIAN_LINES), (AUTOENCODER, AUTOENCODER_LINES), (CENTRED, CENTRED_LINES),
    (GATES, GATES_LINES), (DERIVATIVES, DERIVATIVES_LINES),
)  # fmt: skip
RIGHT_LINES = tuple(
    RightLine(setting, LAYOUTS[line[0]], line[2:]) for setting, lines in LISTED for line in lines.strip().splitlines()
)
