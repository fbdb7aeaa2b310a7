"""What somebody's own loop learns from, read as that loop reads it, and nothing of theirs is moved on."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from ..errors import DescentError
from ..imports import flat
from .objects import check_no_table
from .streams import streams_kept

if TYPE_CHECKING:
    from collections.abc import Sequence

WAYS = "a pair (X, y) of arrays or tensors, a DataLoader, a data set with a length, or a list of batches"


@dataclass(frozen=True, slots=True, eq=False)
class Batches:
    """Batches as a loop gets them."""

    name: str
    items: tuple[Any, ...]  # each as the loop gets it: a pair (x, y), or anything else
    total: int  # samples that the loop sees; of many, only some are in the items
    one: bool  # whether each step of the loop is known to see all of them

    @property
    def sizes(self) -> tuple[int, ...]:
        """How many samples each item has."""
        return tuple(size_of(each) for each in self.items)

    def pair(self) -> tuple[Any, Any] | None:
        """Return x and y of all items in one, or None where they are no pairs or do not fit together."""
        import torch

        for item in self.items:
            if not _is_pair(item) or not all(isinstance(each, torch.Tensor) for each in item):
                return None
        kinds = {(x.shape[1:], x.dtype, y.shape[1:], y.dtype) for x, y in self.items}
        if len(kinds) != 1 or not all(x.ndim and y.ndim and len(x) == len(y) for x, y in self.items):
            return None
        xs, ys = zip(*self.items, strict=True)
        return torch.cat(xs), torch.cat(ys)


def read(data: Any, most: int) -> Batches:
    """Read what a loop learns from: its own batches where it has a loader, with its sampler and collate_fn.

    Args:
        data: One of WAYS.
        most: How many samples are enough; of more, some are drawn by lot, always the same.

    Raises:
        DescentError: It is none of these, is empty, or fails where it is read.
    """
    name = "" if isinstance(data, tuple | list | Mapping) else type(data).__name__
    check_no_table(name or "of the loop", data)
    try:
        with streams_kept(data):
            found = _read(data, most, name or "arrays")
    except DescentError:
        raise
    except Exception as error:
        raise DescentError(
            f"data {name or 'of the loop'} cannot be read: {type(error).__name__}: {flat(error)}"
        ) from error
    if not found.items or not found.total:
        raise DescentError(f"data {name or 'of the loop'} has no samples")
    return found


def _read(data: Any, most: int, name: str) -> Batches:
    if isinstance(data, Mapping):
        return Batches(name, (_tensors(data),), size_of(data), one=False)
    if isinstance(data, list) and data and all(_is_pair(each) or isinstance(each, Mapping) for each in data):
        items = tuple(_tensors(each) for each in data)
        return Batches("batches", _some(items, most), sum(map(size_of, items)), one=len(items) == 1)
    if _is_pair(data):
        return _of_tensors(name, data, most)
    if hasattr(data, "dataset") and hasattr(data, "collate_fn"):
        return _of_loader(data, most, type(data.dataset).__name__)
    if isinstance(tensors := getattr(data, "tensors", None), tuple):
        return _of_tensors(name, tensors, most)
    if hasattr(data, "__getitem__") and hasattr(data, "__len__") and not isinstance(data, str | bytes):
        from torch.utils.data import default_collate

        chosen = _by_lot(len(data), most)
        items = (default_collate([data[index] for index in chosen]),) if chosen else ()
        return Batches(name, items, len(data), one=False)
    raise DescentError(f"a {type(data).__name__} is no data of a loop; allowed: {WAYS}")


def _of_tensors(name: str, tensors: Sequence[Any], most: int) -> Batches:
    parts = tuple(_tensor(each) for each in tensors)
    lengths = [len(each) if each.ndim else 0 for each in parts]
    if len(set(lengths)) > 1:
        raise DescentError(f"data {name!r}: X has {lengths[0]} rows and y has {lengths[1]}; allowed: as many")
    if lengths[0] > most:
        chosen = _by_lot(lengths[0], most)
        parts = tuple(each[chosen] for each in parts)
    return Batches(name, (parts,) if lengths[0] else (), lengths[0], one=False)


def _of_loader(loader: Any, most: int, name: str) -> Batches:
    """Read a loader's batches in this process, so that none of the loop's workers is started."""
    from torch.utils.data import BatchSampler, IterableDataset, RandomSampler, SequentialSampler

    data, collate = loader.dataset, loader.collate_fn
    if isinstance(data, IterableDataset):
        return _of_stream(loader, most, name)
    if loader.batch_sampler is None:  # no batches: each item is one
        places = list(loader.sampler)
        items = [collate(data[index]) for index in (places if len(places) <= most else places[:most])]
        return Batches(name, tuple(items), sum(map(size_of, items)), one=len(items) == 1)
    batches = loader.batch_sampler
    plain = type(batches) is BatchSampler
    sampler = batches.sampler if plain else None
    if type(sampler) is RandomSampler and not sampler.replacement and sampler.num_samples == len(data):
        # Each epoch leaves out others where the last batch is dropped, so over time there are all.
        batches = BatchSampler(SequentialSampler(data), batches.batch_size, drop_last=False)
    rows = [list(each) for each in batches]
    total = sum(map(len, rows))
    one = len(rows) == 1
    if total > most and plain:
        every = [index for each in rows for index in each]
        chosen = [every[place] for place in _by_lot(total, most)]
        rows = [chosen[k : k + loader.batch_size] for k in range(0, len(chosen), loader.batch_size)]
    elif total > most:
        rows = list(_some(tuple(rows), most, len))
    fetch = getattr(data, "__getitems__", None)
    items = [collate(fetch(each) if callable(fetch) else [data[index] for index in each]) for each in rows]
    return Batches(name, tuple(items), total, one)


def _of_stream(loader: Any, most: int, name: str) -> Batches:
    data = loader.dataset
    again = iter(data)
    if again is data:
        raise DescentError(
            f"data {name!r} can be read once only, and the loop needs it; "
            "allowed: some of it as a list of batches"
        )
    from torch.utils.data import DataLoader

    items: list[Any] = []
    count = 0
    for batch in DataLoader(
        data, loader.batch_size, collate_fn=loader.collate_fn, drop_last=bool(loader.drop_last)
    ):
        items.append(batch)
        count += size_of(batch)
        if count >= most:
            break
    return Batches(name, tuple(items), count, one=False)


def _some(items: tuple[Any, ...], most: int, size: Any = None) -> tuple[Any, ...]:
    """Return items, or where they have too many samples as many of them as are enough, drawn by lot."""
    size = size or size_of
    if sum(map(size, items)) <= most:
        return items
    kept, count = [], 0
    for place in np.random.default_rng(0).permutation(len(items)).tolist():
        kept.append(place)
        count += size(items[place])
        if count >= most:
            break
    return tuple(items[place] for place in sorted(kept))


def _by_lot(count: int, most: int) -> list[int]:
    if count <= most:
        return list(range(count))
    return sorted(np.random.default_rng(0).permutation(count)[:most].tolist())


def size_of(batch: Any) -> int:
    """Return how many samples a batch has: as long as its first tensor is; 1 where there is none."""
    import torch

    if isinstance(batch, torch.Tensor | np.ndarray):
        return len(batch) if batch.ndim else 1
    parts = batch.values() if isinstance(batch, Mapping) else batch if isinstance(batch, tuple | list) else ()
    return next((size_of(each) for each in parts), 1)


def _is_pair(data: Any) -> bool:
    return isinstance(data, tuple | list) and len(data) == 2


def _tensors(batch: Any) -> Any:
    """Return a batch with its arrays as tensors."""
    if isinstance(batch, Mapping):
        return {key: _tensor(each) if isinstance(each, np.ndarray) else each for key, each in batch.items()}
    return type(batch)(_tensor(each) for each in batch) if type(batch) in (tuple, list) else batch


def _tensor(values: Any) -> Any:
    import torch

    if isinstance(values, torch.Tensor):
        return values.detach()
    array = np.asarray(values)
    if array.dtype.kind not in "biuf":
        raise DescentError(f"a loop learns from numbers, not from values of type {array.dtype}")
    return torch.as_tensor(array.astype(array.dtype.newbyteorder("="), copy=False))
