// All that a shared library of kernels has comes from the objects of the static one.
