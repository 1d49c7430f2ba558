"""The techniques, one a file: they know tensors and models, nothing of data sets, labs or plots."""
