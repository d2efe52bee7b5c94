// optim: how gradients become better weights.
//
// An update rule is plain data (Sgd, Adam, RmsProp, or one's own) with the arithmetic of one update;
// Optimizer runs it over a model and keeps its moments, parameter by parameter. A schedule is plain data too:
// it gives rate and momentum as a function of the step, so a run can be resumed anywhere. Clipping comes
// between backward and the update and refuses gradients that are not finite.
#pragma once

#include <seqlstm/optim/adam.hpp>
#include <seqlstm/optim/clip.hpp>
#include <seqlstm/optim/custom_rule.hpp>
#include <seqlstm/optim/optimizer.hpp>
#include <seqlstm/optim/rmsprop.hpp>
#include <seqlstm/optim/rule.hpp>
#include <seqlstm/optim/schedule.hpp>
#include <seqlstm/optim/sgd.hpp>
