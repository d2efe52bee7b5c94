// The entry includes nothing here.
#pragma once
