// Files of haplotypes, as examples/programs/data/simulate_ancestry.py writes them.
#pragma once

#include <cstdint>
#include <seqlstm/data/haplotypes.hpp>
#include <seqlstm/io/lines.hpp>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

SEQLSTM_NAMESPACE_BEGIN
namespace io {

/// The version of these files.
inline constexpr std::size_t haplotypes_version = 1;

namespace detail {

/// Reads a file of haplotypes line by line.
class HaplotypeReader {
 public:
  explicit HaplotypeReader(const std::string& path) : lines_(path) {}

  HaplotypePanel read() {
    read_version();
    panel_.haplotypes = read_count("haplotypes");
    panel_.outgroup = read_count("outgroup");
    std::string line;
    while (lines_.next(line))
      if (!line.empty() && line[0] != '#') read_line(tab_cells(line));
    check_complete();
    return std::move(panel_);
  }

 private:
  static constexpr std::size_t most_haplotypes = std::size_t{1} << 20U;

  void read_version() {
    std::string line;
    lines_.next(line);
    const auto cells = tab_cells(line);
    if (cells.size() != 2 || cells[0] != "seqlstm-haplotypes")
      throw lines_.error("no file of haplotypes: the first line is " + excerpt(line) +
                         ", expected 'seqlstm-haplotypes' and a version with a tab between them");
    if (cells[1] != std::to_string(haplotypes_version))
      throw lines_.error("version " + excerpt(cells[1]) + ", expected " + std::to_string(haplotypes_version) +
                         "; write the file again by simulate_ancestry.py");
  }
  /// The number of a line of the header, above 0.
  std::size_t read_count(const std::string& name) {
    std::string line;
    do {
      if (!lines_.next(line)) throw lines_.error("the file ends; expected a line '" + name + "'");
    } while (line.empty() || line[0] == '#');
    const auto cells = tab_cells(line);
    if (cells.size() != 2 || cells[0] != name)
      throw lines_.error(excerpt(line) + ", expected '" + name + "' and a number with a tab between them");
    const std::size_t count = number(cells[1], name, most_haplotypes);
    if (count == 0)
      throw lines_.error(name + " is 0, expected at least 1" +
                         (name == "outgroup" ? ": an empty reference tells nothing apart" : ""));
    return count;
  }
  void read_line(const std::vector<std::string_view>& cells) {
    if (cells[0] == "region") {
      read_region(cells);
    } else if (cells[0] == "site") {
      read_site(cells);
    } else if (cells[0] == "segment") {
      read_segment(cells);
    } else {
      throw lines_.error("a line " + excerpt(cells[0]) + ", expected region, site or segment");
    }
  }
  void read_region(const std::vector<std::string_view>& cells) {
    need(cells, 3);
    HaplotypeRegion region;
    region.name = std::string(cells[1]);
    region.length = number(cells[2], "length", most_bases);
    if (region.length == 0) throw lines_.error("length is 0, expected at least 1 base");
    region.introgressed.resize(panel_.haplotypes);
    panel_.regions.push_back(std::move(region));
  }
  void read_site(const std::vector<std::string_view>& cells) {
    need(cells, 5);
    HaplotypeRegion& region = current();
    const std::size_t position = number(cells[1], "position", most_bases);
    if (position >= region.length)
      throw lines_.error("position " + std::to_string(position) + " of a region of " +
                         std::to_string(region.length) + " bases, which are counted from 0");
    if (region.sites() > 0 && position <= region.positions.back())
      throw lines_.error("position " + std::to_string(position) + " after " +
                         std::to_string(region.positions.back()) + ", expected rising positions");
    region.positions.push_back(position);
    region.outgroup.push_back(static_cast<std::uint32_t>(number(cells[2], "outgroup", panel_.outgroup)));
    if (cells[3] != "0" && cells[3] != "1")
      throw lines_.error("the archaic allele is " + excerpt(cells[3]) + ", expected 0 or 1");
    region.archaic.push_back(cells[3] == "1" ? 1 : 0);
    archaic_seen_ = archaic_seen_ || cells[3] == "1";
    read_alleles(region, cells[4]);
  }
  void read_alleles(HaplotypeRegion& region, std::string_view alleles) {
    if (alleles.size() != panel_.haplotypes)
      throw lines_.error(std::to_string(alleles.size()) + " alleles, expected " +
                         std::to_string(panel_.haplotypes) + ", one for each haplotype");
    for (std::size_t h = 0; h < alleles.size(); ++h) {
      if (alleles[h] != '0' && alleles[h] != '1')
        throw lines_.error("the allele of haplotype " + std::to_string(h) + " is " +
                           excerpt(alleles.substr(h, 1)) + ", expected 0 or 1");
      region.alleles.push_back(alleles[h] == '1' ? 1 : 0);
    }
  }
  void read_segment(const std::vector<std::string_view>& cells) {
    need(cells, 4);
    HaplotypeRegion& region = current();
    const std::size_t haplotype = number(cells[1], "haplotype", panel_.haplotypes - 1);
    const BaseRange range{number(cells[2], "begin", region.length), number(cells[3], "end", region.length)};
    if (range.end <= range.begin)
      throw lines_.error("a segment from " + std::to_string(range.begin) + " to " +
                         std::to_string(range.end) + ", expected an end after its begin");
    auto& known = region.introgressed[haplotype];
    if (!known.empty() && range.begin <= known.back().end)
      throw lines_.error("a segment from " + std::to_string(range.begin) + " after one to " +
                         std::to_string(known.back().end) + ", expected rising ones that do not touch");
    known.push_back(range);
  }
  HaplotypeRegion& current() {
    if (panel_.regions.empty()) throw lines_.error("no region yet; expected a line 'region' first");
    return panel_.regions.back();
  }
  void need(const std::vector<std::string_view>& cells, std::size_t count) const {
    if (cells.size() != count)
      throw lines_.error("a " + std::string(cells[0]) + " of " + std::to_string(cells.size()) +
                         " cells, expected " + std::to_string(count) + " with tabs between them");
  }
  std::size_t number(std::string_view cell, const std::string& name, std::size_t most) const {
    const bool digits =
        !cell.empty() && cell.size() < 19 && cell.find_first_not_of("0123456789") == std::string_view::npos;
    std::uint64_t value = 0;
    if (digits)
      for (const char digit : cell) value = value * 10 + static_cast<std::uint64_t>(digit - '0');
    if (!digits || value > most)
      throw lines_.error(name + " is " + excerpt(cell) + ", expected a whole number from 0 to " +
                         std::to_string(most));
    return static_cast<std::size_t>(value);
  }
  void check_complete() const {
    if (panel_.regions.empty()) throw lines_.error("the file has no region");
    if (!archaic_seen_)
      throw lines_.error(
          "the archaic reference is empty: no site of the file has its derived allele; expected 1 in the "
          "fourth cell of some");
  }

  static constexpr std::size_t most_bases = std::size_t{1} << (sizeof(std::size_t) < 8 ? 30U : 40U);

  LineReader lines_;
  HaplotypePanel panel_;
  bool archaic_seen_ = false;
};

}  // namespace detail

/// Reads haplotypes, gzip or not: lines of cells with tabs between them, the first of which says what the
/// line is.
///
///     seqlstm-haplotypes  1                      the format and its version
///     haplotypes  H                              modern haplotypes
///     outgroup  N                                outgroup haplotypes
///     region  NAME  LENGTH                       bases; its sites and segments follow
///     site  POSITION  COUNT  ARCHAIC  ALLELES    rising; outgroup haplotypes with the derived allele; H
///     times
///                                                0 or 1
///     segment  HAPLOTYPE  BEGIN  END             introgressed, rising
///
/// Empty lines and lines that begin with # are left out. Throws io_error where the file cannot be read, and
/// parse_error with the line for another version, other lines and numbers, haplotypes of different length,
/// alleles besides 0 and 1, and an empty reference: no outgroup, or an archaic genome without any derived
/// allele.
inline HaplotypePanel read_haplotypes(const std::string& path) {
  return detail::HaplotypeReader(path).read();
}

}  // namespace io
SEQLSTM_NAMESPACE_END
