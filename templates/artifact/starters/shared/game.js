const number = new Intl.NumberFormat(LOCALE, { useGrouping: false });
