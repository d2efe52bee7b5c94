// What the headers of this chapter declare, defined once for all programs that link the library.
#include <seqlstm/plot/confusion.ipp>
#include <seqlstm/plot/curves.ipp>
#include <seqlstm/plot/figure.ipp>
#include <seqlstm/plot/page.ipp>
#include <seqlstm/plot/scatter.ipp>
#include <seqlstm/plot/sections.ipp>
#include <seqlstm/plot/svg.ipp>
