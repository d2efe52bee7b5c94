// Pore models as Oxford Nanopore publishes them: a table of k-mers with the mean and the deviations of their
// current.
#pragma once

#include <cmath>
#include <seqlstm/core/text.hpp>
#include <seqlstm/data/pore_model.hpp>
#include <seqlstm/io/lines.hpp>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

SEQLSTM_NAMESPACE_BEGIN
namespace io {

namespace detail {

/// Reads the table of a pore model line by line.
class PoreModelReader {
 public:
  explicit PoreModelReader(const std::string& path) : lines_(path) {}

  PoreModel read() {
    read_header();
    std::string line;
    while (lines_.next(line))
      if (!line.empty() && line[0] != '#') read_row(tab_cells(line));
    check_complete();
    return std::move(model_);
  }

 private:
  void read_header() {
    std::string line;
    do {
      if (!lines_.next(line)) throw lines_.error("no table; expected a line with the names of its columns");
    } while (line.empty() || line[0] == '#');
    const auto names = tab_cells(line);
    columns_ = names.size();
    kmer_ = column(names, "kmer");
    level_ = column(names, "level_mean");
    level_deviation_ = column(names, "level_stdv");
    deviation_ = column(names, "sd_mean");
  }
  std::size_t column(const std::vector<std::string_view>& names, std::string_view name) const {
    for (std::size_t i = 0; i < names.size(); ++i)
      if (names[i] == name) return i;
    throw lines_.error(
        "there is no column '" + std::string(name) +
        "'; a pore model has kmer, level_mean, level_stdv and sd_mean, with tabs between them");
  }
  void read_row(const std::vector<std::string_view>& cells) {
    if (cells.size() != columns_)
      throw lines_.error(std::to_string(cells.size()) + " cells, but the header names " +
                         std::to_string(columns_) + " columns");
    const std::size_t kmer = kmer_of(cells[kmer_]);
    if (first_line_[kmer] > 0)
      throw lines_.error("k-mer " + model_.text(kmer) + " stands on line " +
                         std::to_string(first_line_[kmer]) + " already");
    first_line_[kmer] = lines_.line();
    model_.level[kmer] = number(cells[level_], "level_mean");
    model_.level_deviation[kmer] = number(cells[level_deviation_], "level_stdv");
    model_.deviation[kmer] = number(cells[deviation_], "sd_mean");
    if (!(model_.level_deviation[kmer] >= 0))
      throw lines_.error("level_stdv is " + excerpt(cells[level_deviation_]) + ", expected 0 or more");
    if (!(model_.deviation[kmer] > 0))
      throw lines_.error("sd_mean is " + excerpt(cells[deviation_]) + ", expected a number above 0");
  }
  std::size_t kmer_of(std::string_view letters) {
    if (model_.k == 0) {
      if (letters.empty() || letters.size() > PoreModel::longest)
        throw lines_.error(excerpt(letters) + " has " + std::to_string(letters.size()) +
                           " letters, expected a k-mer of 1 to " + std::to_string(PoreModel::longest));
      model_.k = letters.size();
      model_.level.resize(model_.kmers());
      model_.level_deviation.resize(model_.kmers());
      model_.deviation.resize(model_.kmers());
      first_line_.resize(model_.kmers());
    }
    if (letters.size() != model_.k)
      throw lines_.error("k-mer " + excerpt(letters) + " has " + std::to_string(letters.size()) +
                         " letters, those before have " + std::to_string(model_.k));
    std::size_t kmer = 0;
    for (const char letter : letters) {
      const std::size_t base = std::string_view("ACGT").find(letter);
      if (base == std::string_view::npos)
        throw lines_.error("k-mer " + excerpt(letters) + " has other letters than A, C, G and T");
      kmer = kmer * 4 + base;
    }
    return kmer;
  }
  double number(std::string_view cell, const char* name) const {
    const auto value = parse_number(cell);
    if (!value || !std::isfinite(*value))
      throw lines_.error(std::string(name) + " is " + excerpt(cell) + ", expected a finite number");
    return *value;
  }
  void check_complete() const {
    if (model_.k == 0) throw lines_.error("the table has no k-mer");
    std::size_t missing = 0, first = 0;
    for (std::size_t i = model_.kmers(); i-- > 0;)
      if (first_line_[i] == 0) {
        ++missing;
        first = i;
      }
    if (missing > 0)
      throw lines_.error("the table ends, and " + std::to_string(missing) + " of the " +
                         std::to_string(model_.kmers()) + " k-mers are missing, the first of them " +
                         model_.text(first));
  }

  LineReader lines_;
  PoreModel model_;
  std::vector<std::size_t> first_line_;  // of each k-mer; 0: not read yet
  std::size_t columns_ = 0, kmer_ = 0, level_ = 0, level_deviation_ = 0, deviation_ = 0;
};

}  // namespace detail

/// Reads a pore model: a table with tabs, gzip or not, whose columns give of all 4^k k-mers, in any order,
/// the letters (kmer), the mean current (level_mean), the deviation of a visit's mean from it (level_stdv)
/// and the deviation of samples within a visit (sd_mean). Other columns, empty lines and lines with # are
/// left out. Throws io_error where the file cannot be read, and parse_error with the line for a missing
/// column, a k-mer of other letters or another length, one that stands twice, numbers that are none, and
/// k-mers that are missing.
inline PoreModel read_pore_model(const std::string& path) {
  return detail::PoreModelReader(path).read();
}

}  // namespace io
SEQLSTM_NAMESPACE_END
