"""Builds the weights of ``domain.template_judge`` from the format strings of published programs. Nothing at run time needs it."""

from __future__ import annotations
