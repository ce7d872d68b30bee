"""The instance that a config names, set by environment variables."""

import os

from .hook import SignalboxHook
from .settings import read_settings

hook = SignalboxHook(read_settings(os.environ))
