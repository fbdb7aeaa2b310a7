"""Text of anybody's is shown so that no terminal acts on it, and a shell still reads the same word."""

import shutil
import subprocess
import sys
import unicodedata

import pytest

from descent import DescentError
from descent.surfaces.text import escaped, quoted, shown

NASTY = "a\x1b[31m\x07\x9b0c\r\n\t\x7f\u202e\u2066\u200e\u2028\ud800\xad'\\ \"$(x)`!é漢字Ω"
HIDDEN = {
    chr(code) for code in range(sys.maxunicode + 1) if unicodedata.category(chr(code)) in ("Cc", "Cf", "Cs")
}


def test_no_control_or_bidirectional_character_is_left():
    assert not HIDDEN & set(escaped(NASTY))
    assert not HIDDEN & set(escaped("".join(HIDDEN)))
    assert escaped("é漢字Ω x² → 1·2") == "é漢字Ω x² → 1·2"
    assert escaped("a\nb\x1b", keep="\n") == "a\nb\\x1b"


def test_errors_are_safe_to_print():
    assert not HIDDEN - {"\n"} & set(str(DescentError(NASTY)))
    assert shown("x" * 1000).count("x") == 57


@pytest.mark.parametrize(
    "word", ["plain", "a b", "it's", NASTY.replace("\ud800", ""), "\x85\x851", "\\\x85", "e\u202e1f"]
)
@pytest.mark.parametrize("shell", ["bash", "zsh"])
def test_a_shell_reads_the_same_word_again(shell, word):
    if shutil.which(shell) is None:
        pytest.skip(f"there is no {shell}")
    line = quoted(word)
    assert not HIDDEN & set(line)
    env = {"LC_ALL": "C.UTF-8", "PATH": "/usr/bin:/bin"}
    done = subprocess.run([shell, "-c", f"printf %s {line}"], capture_output=True, check=True, env=env)
    assert done.stdout.decode() == word
