// Reads proteins and their ranks from a table, in the parts that one of its columns names, or simulates them.
#pragma once

#include <ostream>
#include <seqlstm/data/simulated.hpp>
#include <seqlstm/io/table.hpp>

#include "related_proteins.hpp"
#include "support/table_source.hpp"
#include "support/unknown_letters.hpp"

namespace examples {

/// Proteins of four families; those of none have a name of their own each.
inline RelatedProteins simulated_relations(std::size_t count, std::uint64_t seed) {
  auto all = seqlstm::simulated_families(count, seed);
  RelatedProteins proteins;
  proteins.ranks.resize(1);
  for (std::size_t i = 0; i < all.size(); ++i) {
    all.records[i].id = "protein" + std::to_string(i + 1);
    const std::string& family = all.label_names[static_cast<std::size_t>(all.labels[i])];
    proteins.ranks[0].push_back(family == "none" ? all.records[i].id : family);
  }
  proteins.records = std::move(all.records);
  return proteins;
}

inline RelatedProteins proteins_of(const seqlstm::io::CsvTable& table, const RelationTable& options) {
  RelatedProteins all;
  all.records = table.records(options.sequence_column, table.has(options.id_column) ? options.id_column : "");
  for (const auto& rank : options.ranks) {
    all.ranks.push_back(table.values(rank));
    for (std::size_t r = 0; r < table.size(); ++r)
      if (all.ranks.back()[r].empty())
        throw seqlstm::parse_error(table.file, table.line(r),
                                   "column '" + rank + "' is empty; give the protein a name at every rank");
  }
  for (std::size_t r = 0; r < table.size(); ++r)
    if (all.records[r].sequence.empty())
      throw seqlstm::parse_error(table.file, table.line(r),
                                 "column '" + options.sequence_column + "' is empty, expected residues");
  return all;
}

/// How many groups of the test part are in another one; a note says so.
inline void note_shared_groups(const RelatedParts& parts, std::size_t rank, std::ostream& out) {
  std::set<std::string> learned, tested, shared;
  for (const auto* part : {&parts.train, &parts.valid})
    learned.insert(part->ranks[rank].begin(), part->ranks[rank].end());
  tested.insert(parts.test.ranks[rank].begin(), parts.test.ranks[rank].end());
  for (const auto& name : tested)
    if (learned.count(name) > 0) shared.insert(name);
  if (!shared.empty())
    out << "note: " << shared.size() << " of " << tested.size()
        << " groups of the test part are in the training or validation part too; results are not those of "
           "new "
           "groups\n";
}

/// Reads the table's parts; where it has no validation part, a tenth of the training part is cut off by
/// group.
inline RelatedParts read_related_parts(const RelationTable& options, std::uint64_t seed, std::ostream& out) {
  constexpr std::uint32_t cut_stream = 0x50524331U;
  TableOptions reading;
  reading.data = options.data;
  reading.id_column = options.id_column;
  reading.sequence_column = options.sequence_column;
  reading.needs_labels = false;
  const auto table = read_table(reading, out);
  auto rows = seqlstm::io::rows_of_parts(table, options.split_column);
  const RelatedProteins all = proteins_of(table, options);
  if (rows["valid"].empty())
    rows["valid"] = groups_cut_from(rows["train"], all.ranks[options.rank()], 0.1, {seed, cut_stream, 0});
  for (const char* part : {"train", "valid", "test"})
    if (rows[part].empty())
      throw seqlstm::option_error(options.data + ": no protein is left for the part '" + part +
                                  "' of column '" + options.split_column + "'");
  RelatedParts parts{all.subset(rows["train"]), all.subset(rows["valid"]), all.subset(rows["test"])};
  note_shared_groups(parts, options.rank(), out);
  return parts;
}

/// The same without a table: simulated families, all of them in every part.
inline RelatedParts simulated_parts(std::uint64_t seed) {
  return {simulated_relations(600, 3 * seed), simulated_relations(100, 3 * seed + 1),
          simulated_relations(150, 3 * seed + 2)};
}

}  // namespace examples
