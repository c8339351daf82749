-- Takes away all runs: their addresses lead nowhere then.
DROP TABLE run;
