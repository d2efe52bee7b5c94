// Long records cut into windows: what a model that labels positions reads of chromosomes.
#pragma once

#include <cstddef>
#include <seqlstm/data/dataset.hpp>
#include <vector>

SEQLSTM_NAMESPACE_BEGIN

/// How records are cut.
struct WindowOptions {
  std::size_t length = 1000;  ///< positions of a window; the last one of a record has what is left
  std::size_t margin = 0;     ///< further positions on each side, which are read and do not count
};

/// Windows of records, and where they are.
struct Windows {
  /// Records of at most length + 2 * margin positions, named "id:begin-end" (from 0, the end left out), with
  /// tokens, channels, weights and labels by position. Labels within margins are ignored_label.
  SequenceDataset data{};
  std::vector<std::size_t> records{};  ///< [windows] the record that each is of
  std::vector<std::size_t> begins{};   ///< [windows] its first position that counts, within the record
  std::vector<std::size_t> skipped{};  ///< [windows] positions of its margin before that
  std::vector<std::size_t> lengths{};  ///< [windows] how many positions count
};

/// Every position of every record is in one window, and may be in the margins of others. A record without
/// positions is a window without any. Labels of whole records are not kept. Throws option_error for a length
/// of 0, and for label sequences, which no position belongs to.
Windows cut_into_windows(const SequenceDataset& data, const WindowOptions& options);

SEQLSTM_NAMESPACE_END

#if SEQLSTM_HEADER_ONLY
#include <seqlstm/data/windows.ipp>
#endif
