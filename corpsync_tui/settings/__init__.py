"""Where corpsync's files lie and what the director set: environment over file over default."""

from corpsync_tui.settings.folders import create_folders, private_folder
from corpsync_tui.settings.load import Settings, load_settings

__all__ = [
    "Settings",
    "create_folders",
    "load_settings",
    "private_folder",
]
