"""Gongqing (工情): a digital-union platform for a Chinese city."""
