"""Folders and settings: found wherever seqtui is installed, refused where they cannot be meant."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from seqtui.errors import StateError
from seqtui.store import (
    Config,
    cache_folder,
    checkpoints_folder,
    config_folder,
    data_folder,
    folders,
    lessons_folder,
    load_config,
    run_folder,
)


@pytest.fixture
def config(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("SEQTUI_CONFIG", str(tmp_path))
    monkeypatch.delenv("NO_COLOR", raising=False)
    return tmp_path / "config.toml"


class TestFolders:
    def test_the_environment_says_where(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        for variable, folder in (
            ("SEQTUI_DATA", data_folder),
            ("SEQTUI_CONFIG", config_folder),
            ("SEQTUI_CACHE", cache_folder),
        ):
            monkeypatch.setenv(variable, str(tmp_path / variable))
            assert folder() == tmp_path / variable
            monkeypatch.setenv(variable, "")
            assert folder().name == "seqtui"
        assert not (tmp_path / "SEQTUI_DATA").exists()

    def test_a_run_has_a_folder_of_its_own(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("SEQTUI_DATA", str(tmp_path))
        assert run_folder("20260101-lstm_a") == tmp_path / "runs" / "20260101-lstm_a"

    @pytest.mark.parametrize("run_id", ["", "..", "a/b", "a\\b", "/", "a\n", "é", "x" * 81])
    def test_a_run_id_never_leads_elsewhere(self, run_id: str) -> None:
        with pytest.raises(StateError):
            run_folder(run_id)

    def test_lessons_and_checkpoints_are_found_from_here(self) -> None:
        assert (lessons_folder() / "en").is_dir()
        assert checkpoints_folder().is_dir()

    def test_in_a_wheel_lessons_are_inside_and_a_strangers_are_not_taken(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        package = tmp_path / "seqtui"
        (tmp_path / "lessons").mkdir()
        monkeypatch.setattr(folders, "PACKAGE", package)
        with pytest.raises(StateError, match="no lessons"):
            lessons_folder()
        (tmp_path / "pyproject.toml").touch()
        assert lessons_folder() == tmp_path / "lessons"
        (package / "lessons").mkdir(parents=True)
        assert lessons_folder() == package / "lessons"


class TestConfig:
    def test_without_a_file_the_defaults_hold(self, config: Path) -> None:
        assert not config.exists()
        assert load_config() == Config(theme="", glyphs="colour", language="en", keymap={})

    def test_every_setting_is_read(self, config: Path) -> None:
        config.write_text(
            'theme = "nord"\nglyphs = "ascii"\nlanguage = "ko"\n[keymap]\nstep-forth = "ctrl+n,d"\n'
        )
        assert load_config() == Config("nord", "ascii", "ko", {"step-forth": "ctrl+n,d"})

    @pytest.mark.parametrize(
        ("no_color", "glyphs", "shown"),
        [("1", "colour", "glyph"), ("1", "ascii", "ascii"), ("", "colour", "colour")],
    )
    def test_no_color_asks_for_glyphs(
        self, config: Path, monkeypatch: pytest.MonkeyPatch, no_color: str, glyphs: str, shown: str
    ) -> None:
        monkeypatch.setenv("NO_COLOR", no_color)
        config.write_text(f'glyphs = "{glyphs}"')
        assert load_config().glyphs == shown

    @pytest.mark.parametrize(
        ("text", "what"),
        [
            ('them = "nord"', "no setting 'them' · did you mean 'theme'?"),
            ('glyphs = "color"', "glyphs = 'color' is not known · did you mean 'colour'?"),
            ("theme = 3", "theme = 3 is not text"),
            ('keymap = "q"', "keymap is not a table"),
            ("[keymap]\nquit = 3", "keymap.quit = 3 is not a key"),
            ('[keymap]\nquit = " "', "keymap.quit = ' ' is not a key"),
            ('theme = "a"\ntheme = nord', "config.toml:2:9: "),
            ('theme = "nord', "config.toml"),
        ],
    )
    def test_what_is_wrong_is_one_line_with_file_and_key(self, config: Path, text: str, what: str) -> None:
        config.write_text(text)
        with pytest.raises(StateError) as caught:
            load_config()
        assert str(config) in str(caught.value)
        assert what in str(caught.value)
        assert "\n" not in str(caught.value)

    @pytest.mark.parametrize("write", [lambda p: p.write_bytes(b"\xff"), lambda p: p.mkdir()])
    def test_a_file_that_cannot_be_read(self, config: Path, write: object) -> None:
        write(config)  # type: ignore[operator]
        with pytest.raises(StateError, match="cannot be read"):
            load_config()

    def test_a_key_for_a_binding_that_there_is_not(self) -> None:
        Config(keymap={"quit": "x"}).check_keymap(["quit", "step"])
        with pytest.raises(StateError, match="did you mean 'quit'"):
            Config(keymap={"quitt": "x"}).check_keymap(["quit", "step"])

    def test_a_theme_that_there_is_not(self) -> None:
        Config().check_theme(["nord"])
        Config(theme="nord").check_theme(["nord", "dracula"])
        with pytest.raises(StateError, match="'nort' is not known · did you mean 'nord'"):
            Config(theme="nort").check_theme(["nord", "dracula"])


def test_the_store_needs_the_standard_library_alone() -> None:
    code = (
        "import sys; before = set(sys.modules); import seqtui.store; "
        "new = {name.split('.')[0] for name in set(sys.modules) - before}; "
        "print(sorted(new - sys.stdlib_module_names - {'seqtui'}), 'tomllib' in sys.modules)"
    )
    end = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert end.stdout == "[] False\n"
