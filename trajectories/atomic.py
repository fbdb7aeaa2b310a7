"""Files that appear whole or not at all."""

from __future__ import annotations

import os
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from ..surfaces.messages import DescentError

if TYPE_CHECKING:
    from collections.abc import Iterator


@contextmanager
def writing(path: str | Path) -> Iterator[Path]:
    """Yield a temporary path in the same folder that becomes ``path`` when the block ends well.

    The folder is made if missing. When the block raises, or is interrupted, nothing stays behind and a
    file that was there before is untouched. The temporary path has the same suffix, so that writers may
    go by it.

    Raises:
        DescentError: The file cannot be written.
    """
    given, target = Path(path), Path(os.path.realpath(path))
    if target.is_dir():
        raise DescentError(f"cannot write {given}: it is a folder")
    if target.exists() and not target.is_file():
        raise DescentError(f"cannot write {given}: it is not a regular file")
    temporary = target.with_name(f".{target.stem[:100]}-{os.urandom(4).hex()}{target.suffix}")
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        # Created here and not by the tempfile module, whose files only their owner may read.
        os.close(os.open(temporary, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o666))
        try:
            yield temporary
            os.replace(temporary, target)
        except BaseException:
            temporary.unlink(missing_ok=True)
            raise
    except OSError as error:
        reason = (error.strerror or str(error)).lower()
        raise DescentError(f"cannot write {given}: {reason}") from error
