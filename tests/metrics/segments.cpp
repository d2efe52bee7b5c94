#include <algorithm>
#include <cmath>
#include <seqlstm/core/random.hpp>
#include <seqlstm/metrics/segments.hpp>
#include <string>

#include "support/paths.hpp"

using namespace seqlstm;
using support::message_of;

namespace {

using Labels = std::vector<std::int32_t>;
using Offsets = std::vector<std::size_t>;

/// Letters as classes: C, H, E, G are 0 to 3; '.' is no label.
Labels labels_of(const std::string& text) {
  Labels labels;
  for (const char c : text)
    labels.push_back(c == '.' ? -1 : static_cast<std::int32_t>(std::string("CHEG").find(c)));
  return labels;
}
SegmentOverlap sov(const std::string& observed, const std::string& predicted) {
  return segment_overlap(labels_of(observed), labels_of(predicted), 4);
}
DetectionScore found(const std::string& observed, const std::string& predicted, double min_overlap) {
  return segment_f1(labels_of(observed), labels_of(predicted), 4, {}, {.min_overlap = min_overlap})
      .by_class[1];
}

struct Case {
  Labels observed, predicted;
  Offsets offsets = {0};
};
/// Records of labels that last some positions; predictions are often right. `unknown` of all are negative.
Case random_case(RandomStream& random, std::size_t records, std::size_t longest, std::size_t classes,
                 double unknown) {
  const auto draw = [&](std::size_t n) {
    return static_cast<std::int32_t>(random.uniform() * static_cast<double>(n));
  };
  Case made;
  for (std::size_t r = 0; r < records; ++r) {
    std::int32_t truth = draw(classes), guess = draw(classes);
    for (std::size_t i = static_cast<std::size_t>(draw(longest + 1)); i > 0; --i) {
      if (random.uniform() < 0.3) truth = draw(classes);
      if (random.uniform() < 0.3) guess = random.uniform() < 0.6 ? truth : draw(classes);
      made.observed.push_back(random.uniform() < unknown ? -1 - draw(2) : truth);
      made.predicted.push_back(random.uniform() < unknown / 2 ? -1 : guess);
    }
    made.offsets.push_back(made.observed.size());
  }
  return made;
}

/// A segment as the set of its positions: for each position 1 where it belongs to it.
using Positions = std::vector<char>;

/// Every segment of a class between two positions: those stretches that cannot be longer.
std::vector<Positions> stretches(const Case& c, bool of_truth, std::int32_t label, std::size_t begin,
                                 std::size_t end) {
  const auto is_it = [&](std::size_t i) {
    return c.observed[i] >= 0 && (of_truth ? c.observed[i] : c.predicted[i]) == label;
  };
  std::vector<Positions> all;
  for (std::size_t first = begin; first < end; ++first)
    for (std::size_t last = first; last < end; ++last) {
      bool whole = true;
      for (std::size_t i = first; i <= last; ++i) whole = whole && is_it(i);
      if (!whole || (first > begin && is_it(first - 1)) || (last + 1 < end && is_it(last + 1))) continue;
      Positions positions(end - begin);
      for (std::size_t i = first; i <= last; ++i) positions[i - begin] = 1;
      all.push_back(positions);
    }
  return all;
}
std::size_t size_of(const Positions& s) {
  return static_cast<std::size_t>(std::count(s.begin(), s.end(), 1));
}
std::size_t shared(const Positions& a, const Positions& b) {
  std::size_t count = 0;
  for (std::size_t i = 0; i < a.size(); ++i) count += a[i] == 1 && b[i] == 1 ? 1 : 0;
  return count;
}
/// Positions from the first to the last of either.
std::size_t extent(const Positions& a, const Positions& b) {
  std::size_t first = a.size(), last = 0;
  for (std::size_t i = 0; i < a.size(); ++i)
    if (a[i] == 1 || b[i] == 1) {
      first = std::min(first, i);
      last = i;
    }
  return last - first + 1;
}

struct Sums {
  double overlap = 0, length = 0;
};
/// Numerator and N by the definition, of one class of one record.
Sums sov_sums(const Case& c, std::int32_t label, std::size_t begin, std::size_t end) {
  Sums sums;
  for (const auto& s1 : stretches(c, true, label, begin, end)) {
    const auto length = static_cast<double>(size_of(s1));
    bool alone = true;
    for (const auto& s2 : stretches(c, false, label, begin, end)) {
      const std::size_t minov = shared(s1, s2);
      if (minov == 0) continue;
      alone = false;
      const std::size_t maxov = extent(s1, s2);
      std::size_t delta = maxov - minov;
      for (const std::size_t other : {minov, size_of(s1) / 2, size_of(s2) / 2})
        delta = std::min(delta, other);
      sums.overlap += length * static_cast<double>(minov + delta) / static_cast<double>(maxov);
      sums.length += length;
    }
    if (alone) sums.length += length;
  }
  return sums;
}

/// Most pairs of observed and predicted segments that overlap enough, each in one pair: tries all choices.
std::size_t most_pairs(const std::vector<Positions>& observed, std::size_t i,
                       std::vector<Positions> predicted, double min_overlap) {
  if (i == observed.size()) return 0;
  std::size_t most = most_pairs(observed, i + 1, predicted, min_overlap);
  for (std::size_t k = 0; k < predicted.size(); ++k) {
    const std::size_t both = shared(observed[i], predicted[k]);
    if (both == 0 ||
        static_cast<double>(both) / static_cast<double>(extent(observed[i], predicted[k])) < min_overlap)
      continue;
    auto rest = predicted;
    rest.erase(rest.begin() + static_cast<std::ptrdiff_t>(k));
    most = std::max(most, 1 + most_pairs(observed, i + 1, rest, min_overlap));
  }
  return most;
}

void check_same(double actual, double expected) {
  if (std::isnan(expected))
    CHECK(std::isnan(actual));
  else
    CHECK(actual == Approx(expected).epsilon(1e-13).margin(1e-15));
}

}  // namespace

TEST_CASE("segments: runs of one label, broken by labels below 0") {
  CHECK(segments(labels_of("HHCCCE")) == std::vector<Segment>{{0, 2, 1}, {2, 5, 0}, {5, 6, 2}});
  CHECK(segments(labels_of(".HH.H..")) == std::vector<Segment>{{1, 3, 1}, {4, 5, 1}});
  CHECK(segments(Labels{-2, 7, 7, -1}) == std::vector<Segment>{{1, 3, 7}});
  CHECK(segments(labels_of("C")) == std::vector<Segment>{{0, 1, 0}});
  CHECK(segments(labels_of("...")).empty());
  CHECK(segments({}).empty());
  CHECK(Segment{3, 7, 0}.length() == 4);
}

TEST_CASE("segment overlap: figure 1 of the paper, by hand") {
  // Strands: observed of 3 and 6 positions, predicted of 5 and 2. The first observed one meets none. The
  // second shares 1 of 10 positions with the first predicted one, delta min(9, 1, 3, 2) = 1, and 2 of 6 with
  // the second, delta min(4, 2, 3, 1) = 1. So (2/10 x 6 + 3/6 x 6) / (6 + 6 + 3) = 4.2 / 15 = 0.28.
  const auto found = sov("CCEEECCCCCCEEEEEECCC", "CCCCCCCEEEEECCCEECCC");
  CHECK(found.by_class[2] == Approx(0.28).epsilon(1e-15));
  // Coils: (0-1, 0-6): (2 + min(5, 2, 1, 3)) / 7 x 2. (5-10, 0-6): (2 + min(9, 2, 3, 3)) / 11 x 6.
  // (5-10, 12-14) do not meet. (17-19, 17-19): 3. N = 2 + 6 + 3.
  CHECK(found.by_class[0] == Approx((3.0 / 7 * 2 + 4.0 / 11 * 6 + 3) / 11).epsilon(1e-15));
  CHECK(std::isnan(found.by_class[1]));
  CHECK(found.all == Approx((4.2 + 3.0 / 7 * 2 + 4.0 / 11 * 6 + 3) / 26).epsilon(1e-15));
}

TEST_CASE("segment overlap: the published values of one helix of ten") {
  struct Row {
    std::string predicted;
    double by_hand, published;
  };
  // Zemla et al. 1999, table 1, and three more of Liu & Wang 2018, table 1. In the first, each of five
  // helices of 1 has (1 + min(9, 1, 5, 0)) / 10 x 10, and each end 1 of the coil it is in.
  for (const Row& row : {Row{"CHCHCHCHCHCC", (5 * 1.0 + 1 + 1.0 / 2) / 52, 12.5},
                         Row{"CCCHHHHHCCCC", (7 + 1.0 / 3 + 1.0 / 4) / 12, 63.2},
                         Row{"CHHHCHHHCHHC", (4 + 4 + 3 + 1 + 1.0) / 32, 40.6},
                         Row{"CHHCCHHHHHCC", (3 + 7 + 1 + 1.0 / 2) / 22, 52.3},
                         Row{"CCCHHHHHHCCC", (9 + 1.0 / 3 + 1.0 / 3) / 12, 80.6},
                         Row{"CCCHHHHCCCCC", (6 + 1.0 / 3 + 1.0 / 5) / 12, 54.4},
                         Row{"CCCHHHHHHHCC", (10 + 1.0 / 3 + 1.0 / 2) / 12, 90.3},
                         Row{"CCCHHHHHHHHC", (10 + 1.0 / 3 + 1.0) / 12, 94.4}}) {
    INFO(row.predicted);
    const double value = sov("CHHHHHHHHHHC", row.predicted).all;
    CHECK(value == Approx(row.by_hand).epsilon(1e-15));
    CHECK(std::abs(100 * value - row.published) < 0.051);
  }
}

TEST_CASE("segment overlap: another program's numbers for several records") {
  // Liu & Wang's SOV_refine.pl, its sums taken over the records and more of its digits printed.
  const std::vector<std::pair<std::string, std::string>> records = {
      {"CCCHHHHHHHHCCEEEEECCCEEEEEECC", "CCHHHHHCHHCCCEEEECCCCCEEEEECC"},
      {"HHHHHHCCCHHHHHHHHHHHHCC", "HHHHCCCHHHHHHCHHHHCCCCC"},
      {"CEEC", "CCCC"}};
  Case c;
  for (const auto& [observed, predicted] : records) {
    for (const auto label : labels_of(observed)) c.observed.push_back(label);
    for (const auto label : labels_of(predicted)) c.predicted.push_back(label);
    c.offsets.push_back(c.observed.size());
  }
  const auto found = segment_overlap(c.observed, c.predicted, 3, c.offsets);
  CHECK(found.by_class[0] == Approx(0.7235294117647059).epsilon(1e-12));
  CHECK(found.by_class[1] == Approx(0.5724637681159420).epsilon(1e-12));
  CHECK(found.by_class[2] == Approx(0.8461538461538461).epsilon(1e-12));
  CHECK(found.all == Approx(0.6530701754385964).epsilon(1e-12));
}

TEST_CASE("segment overlap: as its definition says, of sets of positions") {
  RandomStream random(11);
  for (int round = 0; round < 150; ++round) {
    const std::size_t classes = 2 + static_cast<std::size_t>(round % 3);
    const Case c =
        random_case(random, 1 + static_cast<std::size_t>(round % 4), 25, classes, round % 2 == 0 ? 0 : 0.1);
    INFO(round);
    std::vector<Sums> sums(classes);
    Sums all;
    double of_records = 0, records = 0;
    for (std::size_t r = 0; r + 1 < c.offsets.size(); ++r) {
      Sums record;
      for (std::size_t k = 0; k < classes; ++k) {
        const Sums one = sov_sums(c, static_cast<std::int32_t>(k), c.offsets[r], c.offsets[r + 1]);
        for (Sums* sum : {&sums[k], &record, &all}) {
          sum->overlap += one.overlap;
          sum->length += one.length;
        }
      }
      if (record.length == 0) continue;
      of_records += record.overlap / record.length;
      records += 1;
    }
    const auto found = segment_overlap(c.observed, c.predicted, classes, c.offsets);
    for (std::size_t k = 0; k < classes; ++k) check_same(found.by_class[k], sums[k].overlap / sums[k].length);
    check_same(found.all, all.overlap / all.length);
    check_same(found.mean_of_records, of_records / records);
  }
}

TEST_CASE("segment overlap: of records all segments are summed, or each record counts alike") {
  // A record of the table above with (7 + 1/3 + 1/4) / 12, one without positions, and one that is all right.
  const auto observed = labels_of("CHHHHHHHHHHCHH"), predicted = labels_of("CCCHHHHHCCCCHH");
  const Offsets offsets = {0, 12, 12, 14};
  const auto found = segment_overlap(observed, predicted, 3, offsets);
  const double first = 7 + 1.0 / 3 + 1.0 / 4;
  CHECK(found.by_class[1] == Approx((7 + 2) / 12.0).epsilon(1e-15));
  CHECK(found.all == Approx((first + 2) / 14).epsilon(1e-15));
  CHECK(found.mean_of_records == Approx((first / 12 + 1) / 2).epsilon(1e-15));
  // A helix over the border of two records is two helices.
  const auto helix = labels_of("HHHH");
  CHECK(segment_f1(helix, helix, 2, Offsets{0, 1, 4}).by_class[1].observed == 2);
  CHECK(segment_f1(helix, helix, 2).by_class[1].observed == 1);
}

TEST_CASE(
    "segment overlap: 1 to the bit where all is right, 0 where nothing is, NaN where nothing is known") {
  for (const std::string text : {"H", "HHEECCCHHHEHC", "CCCCCCCCCCC"}) {
    CHECK(sov(text, text).all == 1);
    CHECK(sov(text, text).mean_of_records == 1);
  }
  CHECK(sov("HHHH", "CCCC").all == 0);
  CHECK(std::isnan(sov("HHHH", "CCCC").by_class[0]));  // not observed: nothing to be compared with
  const auto nothing = sov("...", "HHH");
  CHECK((std::isnan(nothing.all) && std::isnan(nothing.mean_of_records) && std::isnan(nothing.by_class[1])));
  const auto empty = segment_overlap({}, {}, 2);
  CHECK((std::isnan(empty.all) && empty.by_class.size() == 2));
}

TEST_CASE("segment overlap: a predicted segment where its class is not observed changes nothing") {
  CHECK(sov("CCCCCHHHHCCCCC", "GGGGGHHHHGGEEG").by_class[1] == 1);
  CHECK(segment_overlap(labels_of("HHHHCCCC"), labels_of("HHHHCCHH"), 2).by_class[1] == 1);
}

TEST_CASE("segment overlap: positions without a label do not count, and end segments of both sides") {
  // The helix is two of 3 and 2 on both sides, whatever stands at the unknown position.
  for (const std::string predicted : {"HHHHHHC", "HHHCHHC", "HHH.HHC"}) {
    const auto found = sov("HHH.HHC", predicted);
    CHECK(found.all == 1);
    CHECK(segment_f1(labels_of("HHH.HHC"), labels_of(predicted), 2).by_class[1] == DetectionScore{2, 2, 2});
  }
  // A missing prediction is none of any class: (2 + min(1, 2, 1, 1)) / 3.
  CHECK(sov("HHH", "HH.").by_class[1] == 1);
  CHECK(sov("HHHH", "H...").by_class[1] == Approx(0.25).epsilon(1e-15));
}

TEST_CASE("segment F1: a share of the positions of either") {
  // 3 positions of both, 5 of either.
  CHECK(found("CHHHHC", "CCHHHH", 0.6) == DetectionScore{1, 1, 1});
  CHECK(found("CHHHHC", "CCHHHH", 0.61) == DetectionScore{1, 1, 0});
  CHECK(found("CHHHHC", "CHHHHC", 1) == DetectionScore{1, 1, 1});
  CHECK(found("CHHHHC", "CHHHCC", 1) == DetectionScore{1, 1, 0});
  CHECK(found("HHCHHHHHC", "HHCCHHHHC", 0.5) == DetectionScore{2, 2, 2});
  CHECK(found("HHHHHHHHH", "HHHHCHHHH", 0.5) == DetectionScore{1, 2, 0});
  CHECK(found("HHHHHHHHH", "HHHHHCHHH", 0.5) == DetectionScore{1, 2, 1});
  CHECK(found("CCCC", "CCHH", 0.5) == DetectionScore{0, 1, 0});
  CHECK(found("EHHE", "HEEH", 0.01) == DetectionScore{1, 2, 0});
}

TEST_CASE("segment F1: a share is met where it is equal") {
  // k positions of both, n of either, for shares that k / n has as they are written.
  struct Share {
    std::size_t k, n;
    double share;
  };
  for (const auto& [k, n, share] :
       {Share{11, 20, 0.55}, Share{7, 10, 0.7}, Share{29, 100, 0.29}, Share{1, 3, 1.0 / 3}}) {
    const std::string observed(n, 'H'), predicted = std::string(k, 'H') + std::string(n - k, 'C');
    CHECK(found(observed, predicted, share).right == 1);
    CHECK(found(observed, predicted, std::nextafter(share, 1.0)).right == 0);
  }
}

TEST_CASE("segment F1: each segment is in one pair, and no choice gives more of them") {
  RandomStream random(12);
  std::size_t right = 0;
  for (int round = 0; round < 200; ++round) {
    const Case c = random_case(random, 2, 24, 2, round % 2 == 0 ? 0 : 0.1);
    for (const double share : {1e-9, 0.2, 0.34, 0.5, 0.75, 1.0}) {
      INFO(round << ", share " << share);
      const auto scores = segment_f1(c.observed, c.predicted, 2, c.offsets, {.min_overlap = share});
      DetectionScore all;
      for (std::size_t k = 0; k < 2; ++k) {
        DetectionScore expected;
        for (std::size_t r = 0; r < 2; ++r) {
          const auto label = static_cast<std::int32_t>(k);
          const auto observed = stretches(c, true, label, c.offsets[r], c.offsets[r + 1]);
          const auto predicted = stretches(c, false, label, c.offsets[r], c.offsets[r + 1]);
          expected += {observed.size(), predicted.size(), most_pairs(observed, 0, predicted, share)};
        }
        CHECK(scores.by_class[k] == expected);
        all += expected;
      }
      CHECK(scores.all == all);
      right += all.right;
    }
  }
  CHECK(right > 1000);  // there was something to find
}

TEST_CASE("segments: what does not fit is named") {
  const Labels three = {0, 1, 2}, two = {0, 1};
  CHECK(message_of<shape_error>([&] { (void)segment_overlap(three, two, 3); }) ==
        "segment overlap: 3 observed and 2 predicted labels, expected as many of each");
  CHECK(message_of<option_error>([&] { (void)segment_overlap(three, three, 2); }) ==
        "segment overlap: the observed label of position 2 is 2, expected less than 2, or a negative one for "
        "none");
  CHECK(
      message_of<option_error>([&] {
        (void)segment_f1(Labels{0, 1, -1}, three, 2);
      }) ==
      "segment_f1: the predicted label of position 2 is 2, expected less than 2, or a negative one for none");
  for (const Offsets& offsets : {Offsets{0, 2}, Offsets{1, 3}, Offsets{0, 2, 1, 3}, Offsets{0}})
    CHECK_THROWS_AS(segment_overlap(three, three, 3, offsets), shape_error);
  CHECK(message_of<shape_error>([&] {
          (void)segment_f1(three, three, 3, Offsets{0, 2});
        }) ==
        "segment_f1: 2 offsets from 0 to 2, expected numbers that rise from 0 to 3, the number of labels, or "
        "none for one record");
  CHECK(message_of<option_error>([&] { (void)segment_f1(three, three, 3, {}, {.min_overlap = 0}); }) ==
        "segment_f1: min_overlap is 0.000000, expected a share above 0 and at most 1");
  for (const double share : {-0.5, 1.01, std::nan("")})
    CHECK_THROWS_AS(segment_f1(three, three, 3, {}, {.min_overlap = share}), option_error);
}

TEST_CASE("segments: a chromosome of short segments is no square of work") {
  constexpr std::size_t positions = 1000000;
  Labels observed(positions), predicted(positions);
  for (std::size_t i = 0; i < positions; ++i) {
    observed[i] = static_cast<std::int32_t>(i / 2 % 2);
    predicted[i] = static_cast<std::int32_t>((i + 1) / 2 % 2);
  }
  // Each segment of 2 shares 1 of 3 positions with one of its class, delta min(2, 1, 1, 1).
  CHECK(segment_overlap(observed, predicted, 2).all == Approx(2.0 / 3).epsilon(1e-5));
  CHECK(segment_f1(observed, predicted, 2, {}, {.min_overlap = 0.3}).all.recall() == Approx(1).epsilon(1e-5));
}
