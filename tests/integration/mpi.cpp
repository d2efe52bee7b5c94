// Ranks on MPI, from an installed seqlstm: this program alone is one.
#include <iostream>
#include <seqlstm/mpi.hpp>

int main(int argc, char** argv) {
  seqlstm::mpi::Session session(argc, argv);
  return session.run([] {
    std::vector<double> losses = {1.5};
    seqlstm::TreeSum<double>(seqlstm::mpi::world()).sum(losses);
    std::cout << seqlstm::mpi::world().size() << " rank, " << losses[0] << '\n';
    if (losses[0] != 1.5 || seqlstm::mpi::world().size() != 1)
      throw seqlstm::option_error("expected one rank");
  });
}
