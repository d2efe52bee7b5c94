// Ranks that MPI started, on one machine or many: seqlstm::mpi. Not part of lstm.hpp; needs Open MPI or
// MPICH.
//
//     int main(int argc, char** argv) {
//       seqlstm::mpi::Session session(argc, argv);
//       return session.run([&] { /* the same on every rank, with seqlstm::mpi::world() */ });
//     }
#pragma once

#include <seqlstm/mpi/session.hpp>
#include <seqlstm/ranks/all.hpp>
