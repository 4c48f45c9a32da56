"""What fine-tuning did, made visible: what the screens draw and the commands measure."""
