"""The analytic surfaces by name: where each is built and what it is like; loads no library."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Kind = Literal["bowl", "valley", "saddle", "several minima", "rugged", "plateau", "one parameter"]


@dataclass(frozen=True, slots=True)
class Entry:
    """What can be said about a surface without building it."""

    builder: str  # "module:function" within this package; called with the options, returns a Surface
    kind: Kind
    help: str
    title: str = ""  # how people write the name, where it is more than the name with a capital


CATALOGUE: dict[str, Entry] = {
    "sphere": Entry("bowls:sphere", "bowl", "round bowl, the simplest loss there is"),
    "quadratic": Entry("bowls:quadratic", "bowl", "elliptic bowl of any condition number and angle"),
    "abs": Entry(
        "bowls:absolute",
        "bowl",
        "sum of absolute values: slopes never flatten, kink at the minimum",
        title="Absolute value",
    ),
    "booth": Entry("bowls:booth", "bowl", "tilted elliptic bowl with condition number 9"),
    "matyas": Entry("bowls:matyas", "bowl", "flat elliptic bowl along the diagonal with condition number 25"),
    "trid": Entry("bowls:trid", "bowl", "elliptic bowl whose parameters pull on each other"),
    "zakharov": Entry("bowls:zakharov", "bowl", "bowl with steep quartic walls"),
    "rosenbrock": Entry("valleys:rosenbrock", "valley", "the banana: a flat, curved, narrow valley"),
    "leon": Entry("valleys:leon", "valley", "narrow cubic valley, like the banana with a bend"),
    "beale": Entry("valleys:beale", "valley", "flat cross-shaped valley with a saddle and steep corners"),
    "dixon_price": Entry(
        "valleys:dixon_price", "valley", "parabolic valley with two equal minima", title="Dixon–Price"
    ),
    "dekkers_aarts": Entry(
        "valleys:dekkers_aarts", "valley", "extremely stiff valley with two minima", title="Dekkers–Aarts"
    ),
    "bukin_n6": Entry(
        "valleys:bukin_n6", "valley", "valley with a sharp crease along its floor", title="Bukin N.6"
    ),
    "saddle": Entry("saddles:saddle", "saddle", "x*x - y*y: a pass between two slopes, no minimum"),
    "monkey_saddle": Entry(
        "saddles:monkey_saddle",
        "saddle",
        "three valleys meet in one point, no minimum",
        title="Monkey saddle",
    ),
    "himmelblau": Entry("several:himmelblau", "several minima", "four equal minima around a hill"),
    "goldstein_price": Entry(
        "several:goldstein_price",
        "several minima",
        "heights over six orders, 3 traps",
        title="Goldstein–Price",
    ),
    "branin": Entry("several:branin", "several minima", "three equal minima in one winding valley"),
    "six_hump_camel": Entry(
        "several:six_hump_camel", "several minima", "two global and four local minima", title="Six-hump camel"
    ),
    "three_hump_camel": Entry(
        "several:three_hump_camel", "several minima", "minimum between two traps", title="Three-hump camel"
    ),
    "mccormick": Entry(
        "several:mccormick", "several minima", "tilted trough with a wave along it", title="McCormick"
    ),
    "styblinski_tang": Entry(
        "several:styblinski_tang",
        "several minima",
        "four basins, one of them deepest",
        title="Styblinski–Tang",
    ),
    "bird": Entry(
        "several:bird", "several minima", "Mishra's bird: two deep minima among hills", title="Mishra’s bird"
    ),
    "adjiman": Entry("several:adjiman", "several minima", "gentle slope with its minimum on the boundary"),
    "ackley": Entry("rugged:ackley", "rugged", "dimpled plain around one deep funnel"),
    "rastrigin": Entry("rugged:rastrigin", "rugged", "bowl with a regular grid of deep local minima"),
    "griewank": Entry("rugged:griewank", "rugged", "very wide bowl with regular ripples"),
    "levy": Entry("rugged:levy", "rugged", "long ripples across a wide bowl", title="Lévy"),
    "levy_n13": Entry("rugged:levy_n13", "rugged", "short ripples across a bowl", title="Lévy N.13"),
    "bohachevsky_1": Entry(
        "rugged:bohachevsky_1", "rugged", "bowl with fading ripples", title="Bohachevsky 1"
    ),
    "egg_crate": Entry("rugged:egg_crate", "rugged", "egg crate bent into a bowl", title="Egg crate"),
    "drop_wave": Entry("rugged:drop_wave", "rugged", "rings around a fallen drop", title="Drop-wave"),
    "schaffer_n2": Entry(
        "waves:schaffer_n2", "rugged", "crossed ripples that get shorter further out", title="Schaffer N.2"
    ),
    "schaffer_n4": Entry(
        "waves:schaffer_n4", "rugged", "crossed ripples with four equal minima", title="Schaffer N.4"
    ),
    "shubert": Entry("waves:shubert", "rugged", "eighteen equal minima among hundreds of local ones"),
    "schwefel": Entry("waves:schwefel", "rugged", "the best minimum is far from the next best"),
    "eggholder": Entry("waves:eggholder", "rugged", "wild hills with the minimum on the boundary"),
    "holder_table": Entry(
        "waves:holder_table", "rugged", "table with four equal legs at the corners", title="Hölder table"
    ),
    "cross_in_tray": Entry(
        "waves:cross_in_tray", "rugged", "tray with sharp ridges, four equal minima", title="Cross-in-tray"
    ),
    "langermann": Entry("waves:langermann", "rugged", "five centres of fading rings that overlap"),
    "keane": Entry("waves:keane", "rugged", "bumps that fade away from the origin"),
    "easom": Entry("plateaus:easom", "plateau", "one narrow hole in a flat plain"),
    "michalewicz": Entry("plateaus:michalewicz", "plateau", "flat plain cut by steep ditches"),
    "de_jong_5": Entry(
        "plateaus:de_jong_5", "plateau", "Shekel's foxholes: 25 holes in a flat plain", title="De Jong 5"
    ),
    "gramacy_lee": Entry(
        "plateaus:gramacy_lee", "plateau", "one hole and one hill on a flat plain", title="Gramacy–Lee"
    ),
    "parabola": Entry(
        "one_parameter:parabola", "one parameter", "parabola of any curvature: too large a rate diverges"
    ),
    "double_well": Entry(
        "one_parameter:double_well",
        "one parameter",
        "two wells, one of them deeper, and a hill between",
        title="Double well",
    ),
    "abs1d": Entry(
        "one_parameter:absolute",
        "one parameter",
        "absolute value: steps swing across the kink",
        title="Absolute value of x",
    ),
}


def names() -> tuple[str, ...]:
    """Return the names of all surfaces in the catalogue, without building any.

    >>> names()[:3]
    ('sphere', 'quadratic', 'abs')
    """
    return tuple(CATALOGUE)
