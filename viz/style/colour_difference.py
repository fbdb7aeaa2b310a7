"""How different two colours look, to eyes with three kinds of cones and to those with two."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

# Linear RGB as other eyes see it: G. Machado, M. Oliveira, L. Fernandes, A physiologically-based model for
# simulation of color vision deficiency, doi:10.1109/TVCG.2009.113, severity 1.
EYES: dict[str, NDArray[np.float64]] = {
    "all cones": np.eye(3),
    "protanopia": np.array(
        [[0.152286, 1.052583, -0.204868], [0.114503, 0.786281, 0.099216], [-0.003882, -0.048116, 1.051998]]
    ),
    "deuteranopia": np.array(
        [[0.367322, 0.860646, -0.227968], [0.280085, 0.672501, 0.047413], [-0.011820, 0.042940, 0.968881]]
    ),
    "tritanopia": np.array(
        [[1.255528, -0.076749, -0.178779], [-0.078411, 0.930809, 0.147602], [0.004733, 0.691367, 0.303900]]
    ),
}
# Linear sRGB to CIE XYZ, and the white that CIELAB is relative to (IEC 61966-2-1).
_TO_XYZ = np.array(
    [[0.4124564, 0.3575761, 0.1804375], [0.2126729, 0.7151522, 0.0721750], [0.0193339, 0.1191920, 0.9503041]]
)
_WHITE = _TO_XYZ.sum(axis=1)


def seen(colours: Sequence[str]) -> NDArray[np.float64]:
    """Return the CIELAB of hex colours as each of the eyes sees them, (colours, eyes, 3).

    >>> seen(["#ffffff"])[0, 0].round(1).tolist()
    [100.0, 0.0, 0.0]
    """
    value = np.array([[int(colour[k : k + 2], 16) for k in (1, 3, 5)] for colour in colours]) / 255
    linear = np.where(value <= 0.04045, value / 12.92, ((value + 0.055) / 1.055) ** 2.4)
    other = np.clip(np.einsum("eij,nj->nei", np.stack([*EYES.values()]), linear), 0.0, 1.0)
    share = other @ _TO_XYZ.T / _WHITE
    x, y, z = np.moveaxis(
        np.where(share > 216 / 24389, np.cbrt(share), share * (24389 / 27 / 116) + 16 / 116), -1, 0
    )
    return np.stack([116 * y - 16, 500 * (x - y), 200 * (y - z)], axis=-1)


def least_apart(looks: NDArray[np.float64]) -> float:
    """Return the least difference, as the CIE 1976 one (Delta E), of any two colours to any eye.

    Args:
        looks: Each colour as the eyes see it, (colours, eyes, 3).

    >>> round(least_apart(seen(["#ff0000", "#00ff00", "#0000ff"]))), least_apart(seen(["#ff0000"]))
    (28, inf)
    """
    apart = np.linalg.norm(looks[:, None] - looks[None], axis=-1).min(axis=-1)
    np.fill_diagonal(apart, np.inf)
    return float(apart.min())
