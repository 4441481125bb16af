DROP VIEW {view};

