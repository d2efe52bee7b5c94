// plot: what a result looks like, as SVG and as a page.
//
// sections.hpp makes the parts of a page about a result. `figure_svg` draws series over two axes: ROC,
// precision and recall, calibration and histograms of scores (curves.hpp), or lines of one's own, such as the
// losses of a training. `confusion_svg` draws a confusion matrix, `scatter_svg` a plane of points. Pictures
// are text: a file of its own each, or a part of a `Page`, which is one HTML file without network and script,
// for screens light and dark and for paper.
//
// The chapter's names stand in the namespace `plot`.
#pragma once

#include <seqlstm/plot/confusion.hpp>
#include <seqlstm/plot/curves.hpp>
#include <seqlstm/plot/figure.hpp>
#include <seqlstm/plot/page.hpp>
#include <seqlstm/plot/scatter.hpp>
#include <seqlstm/plot/sections.hpp>
#include <seqlstm/plot/svg.hpp>
