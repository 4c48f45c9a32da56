"""The screens: the only part of HERA that imports gradio."""
