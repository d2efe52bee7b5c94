// How well a scan's values tell known positions from all others.
#include "support/scan.hpp"

#include "support/catch.hpp"
#include "support/paths.hpp"

using examples::TruthSample;

TEST_CASE("scan: ROC-AUC of known positions of both strands, off the step, against all other windows") {
  const support::TemporaryFolder folder;
  examples::ScanOptions options;
  options.step = 10;
  options.truth = folder.write("truth.csv",
                               "start,strand,label,set\n"
                               "29,+,1,test\n"     // in the window at 20
                               "40,-,1,valid\n"    // in the one at 40 ...
                               "41,-,1,test\n"     // ... as this one is
                               "61,+,1,train\n"    // not asked for, and no other either
                               "5,+,0,test\n"      // no positive: an other
                               "997,-,1,test\n");  // in no window
  TruthSample truth(options);
  for (std::size_t start = 0; start < 100; start += 10)
    for (const std::size_t strand : {0, 1}) {
      double probability = 0.1;
      if (start == 20) probability = strand == 0 ? 0.7 : 0.5;
      if (start == 40) probability = strand == 0 ? 0.9 : 0.4;
      if (start == 60 && strand == 0) probability = 1;
      if (start == 0 && strand == 0) probability = 0.4;
      truth.add(start, strand, probability);
    }
  CHECK(truth.given() == 4);
  CHECK(truth.found() == 3);
  CHECK(truth.others() == 17);
  // 0.7 is above all others but 0.9; 0.4, twice, above 14 and equal to one.
  CHECK(truth.roc_auc() == Approx((16 + 2 * 14.5) / (3 * 17)).epsilon(1e-12));
}
