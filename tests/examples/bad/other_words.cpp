// Not what examples/01_classify.cpp prints.

// Output:
// precision 0.99
// GCGCCGTATAATGCCGGCAGCGCATT 0.99
// GCGCCGTATTTTGCCGGCAGCGCATT 0.01
