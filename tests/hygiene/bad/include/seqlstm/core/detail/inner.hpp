// A detail of core.
#pragma once
