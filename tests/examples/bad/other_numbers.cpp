// Not what examples/01_classify.cpp prints.

// Output:
// accuracy 0.83
// GCGCCGTATAATGCCGGCAGCGCATT 0.99
// GCGCCGTATTTTGCCGGCAGCGCATT 0.01
